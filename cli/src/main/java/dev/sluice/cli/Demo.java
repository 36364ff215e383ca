package dev.sluice.cli;

import dev.sluice.cli.Stopwatch.Stage;
import dev.sluice.runtime.RunningService;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The whole route on one broker, from posts whose labels are known to a model that answers. With one round, the posts go
 * through all services at once. With several, every post that any of them draws is embedded once, and then each round has
 * topics of its own, where its vectors are put as the embedder would have put them.
 */
final class Demo {
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(60);

    private final DemoSite site;
    private final DemoScreen screen;
    private final Stopwatch stopwatch;
    private final Optional<VectorExport> export;
    private final Optional<Path> page;
    private final Iterator<String> questions;

    Demo(
            DemoSite site,
            DemoScreen screen,
            Stopwatch stopwatch,
            Optional<VectorExport> export,
            Optional<Path> page,
            Iterator<String> questions) {
        this.site = site;
        this.screen = screen;
        this.stopwatch = stopwatch;
        this.export = export;
        this.page = page;
        this.questions = questions;
    }

    /** @throws CommandException if a stage fails or stands still, or if predictions disagree with the trainer */
    DemoReport run(Draws draws) {
        return draws.rounds().size() == 1 ? once(draws) : often(draws);
    }

    private DemoReport once(Draws draws) {
        Draws.Round round = draws.rounds().get(0);
        FitWatch fit = new FitWatch(screen);
        try (RunningService services = start("", EnumSet.allOf(LocalPlatform.Service.class), fit);
                Connection connection = site.connect("")) {
            screen.say(
                    "Embedder, trainer and classifier run in this process, on the broker at " + site.servers() + ".");
            PostVectors vectors = embed(round.data().posts(), connection, services);
            RoundResult result = new DemoRound(connection, services, fit, stopwatch).run(round, vectors.embedded());
            export.ifPresent(file -> file.write(round, vectors.embedded()));
            screen.result(result);
            screen.times(stopwatch);
            writePage(connection, result);
            return new DemoReport(
                    draws.name(), vectors.rejections().size(), List.of(result), answerQuestions(connection));
        }
    }

    private DemoReport often(Draws draws) {
        PostVectors vectors = embedOnly(draws.union());
        Map<String, EmbeddedPost> byId = vectors.embedded().stream()
                .collect(Collectors.toMap(vector -> idOf(vector.getPost()), vector -> vector));
        screen.rounds();
        List<RoundResult> results = new ArrayList<>();
        Optional<Prediction> answer = Optional.empty();
        for (Iterator<Draws.Round> rounds = draws.rounds().iterator(); rounds.hasNext(); ) {
            Draws.Round round = rounds.next();
            List<EmbeddedPost> drawn = round.data().posts().stream()
                    .flatMap(post ->
                            Optional.ofNullable(byId.get(idOf(post))).map(vector -> withPost(vector, post)).stream())
                    .toList();
            answer = play(round, drawn, results, !rounds.hasNext());
        }
        return new DemoReport(draws.name(), vectors.rejections().size(), results, answer);
    }

    /** The split is the round's, not the one that the post was embedded with. */
    private static EmbeddedPost withPost(EmbeddedPost vector, Post post) {
        return EmbeddedPost.newBuilder(vector)
                .setPost(Post.newBuilder(vector.getPost())
                        .setSplit(DataSet.splitOf(post))
                        .build())
                .build();
    }

    private PostVectors embedOnly(List<Post> posts) {
        String prefix = "vectors.";
        try (RunningService services = start(prefix, EnumSet.of(LocalPlatform.Service.EMBEDDER), new FitWatch(screen));
                Connection connection = site.connect(prefix)) {
            return embed(posts, connection, services);
        }
    }

    /** The last round has an embedder too, and so can answer questions. */
    private Optional<Prediction> play(
            Draws.Round round, List<EmbeddedPost> vectors, List<RoundResult> results, boolean last) {
        String prefix = round.name() + ".";
        FitWatch fit = new FitWatch(screen);
        Set<LocalPlatform.Service> parts = EnumSet.of(LocalPlatform.Service.TRAINER, LocalPlatform.Service.CLASSIFIER);
        if (last) {
            parts.add(LocalPlatform.Service.EMBEDDER);
        }
        try (RunningService services = start(prefix, parts, fit);
                Connection connection = site.connect(prefix)) {
            DemoRound demo = new DemoRound(connection, services, fit, stopwatch);
            demo.feed(vectors);
            RoundResult result = demo.run(round, vectors);
            export.ifPresent(file -> file.write(round, vectors));
            screen.round(result);
            results.add(result);
            if (!last) {
                return Optional.empty();
            }
            screen.spread(results);
            screen.times(stopwatch);
            writePage(connection, result);
            return answerQuestions(connection);
        }
    }

    private RunningService start(String prefix, Set<LocalPlatform.Service> parts, FitWatch fit) {
        screen.meanwhile("Starting the services");
        RunningService services = stopwatch.time(Stage.START, () -> site.start(prefix, parts, fit));
        screen.meanwhile("");
        return services;
    }

    private PostVectors embed(List<Post> posts, Connection connection, RunningService services) {
        ProgressLine progress = screen.progress("Embedding", "posts", posts.size());
        PostVectors vectors =
                stopwatch.time(Stage.EMBED, () -> PostVectors.of(posts, connection, services, progress::at));
        progress.clear();
        screen.embedded(vectors, stopwatch);
        return vectors;
    }

    private void writePage(Connection connection, RoundResult result) {
        page.ifPresent(file -> {
            Report.of(connection, result.version()).write(file);
            screen.say("The report on version " + result.version().getVersion() + " is in " + file + ".");
        });
    }

    /** @return the first answer */
    private Optional<Prediction> answerQuestions(Connection connection) {
        Optional<Prediction> first = Optional.empty();
        while (questions.hasNext()) {
            String text = questions.next();
            Prediction answer = ClassifyCommand.classify(connection, text, ANSWER_PATIENCE);
            screen.classified(text, answer);
            first = first.or(() -> Optional.of(answer));
        }
        return first;
    }

    private static String idOf(Post post) {
        return post.getId().orElseThrow();
    }
}
