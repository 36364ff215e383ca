package dev.sluice.cli;

import dev.sluice.cli.Stopwatch.Stage;
import dev.sluice.runtime.RunningService;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
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
 * The whole route on one broker, from posts whose labels are known to a model that answers. With one seed, the posts go
 * through all services at once. With several, every post that any seed draws is embedded once, and then each seed has topics
 * of its own, where its vectors are put as the embedder would have put them.
 */
final class Demo {
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(60);

    private final DemoSite site;
    private final DemoScreen screen;
    private final Stopwatch stopwatch;
    private final Optional<VectorExport> export;
    private final Iterator<String> questions;

    Demo(
            DemoSite site,
            DemoScreen screen,
            Stopwatch stopwatch,
            Optional<VectorExport> export,
            Iterator<String> questions) {
        this.site = site;
        this.screen = screen;
        this.stopwatch = stopwatch;
        this.export = export;
        this.questions = questions;
    }

    /** @throws CommandException if a stage fails or stands still, or if predictions disagree with the trainer */
    DemoReport run(Draws draws) {
        return draws.bySeed().size() == 1 ? once(draws) : often(draws);
    }

    private DemoReport once(Draws draws) {
        long seed = draws.bySeed().keySet().iterator().next();
        DataSet data = draws.bySeed().get(seed);
        FitWatch fit = new FitWatch(screen);
        try (RunningService services = start("", EnumSet.allOf(LocalPlatform.Service.class), fit);
                Connection connection = site.connect("")) {
            screen.say(
                    "Embedder, trainer and classifier run in this process, on the broker at " + site.servers() + ".");
            PostVectors vectors = embed(data.posts(), connection, services);
            RoundResult result = new DemoRound(connection, services, fit, stopwatch).run(vectors.embedded(), seed);
            export.ifPresent(file -> file.write(seed, vectors.embedded()));
            screen.result(result);
            screen.times(stopwatch);
            return new DemoReport(
                    data.name(), vectors.rejections().size(), List.of(result), answerQuestions(connection));
        }
    }

    private DemoReport often(Draws draws) {
        PostVectors vectors = embedOnly(draws.union());
        Map<String, EmbeddedPost> byId = vectors.embedded().stream()
                .collect(Collectors.toMap(vector -> idOf(vector.getPost()), vector -> vector));
        screen.rounds();
        List<RoundResult> results = new ArrayList<>();
        Optional<Prediction> answer = Optional.empty();
        for (Iterator<Map.Entry<Long, DataSet>> rounds =
                        draws.bySeed().entrySet().iterator();
                rounds.hasNext(); ) {
            Map.Entry<Long, DataSet> round = rounds.next();
            List<EmbeddedPost> drawn = round.getValue().posts().stream()
                    .flatMap(post -> Optional.ofNullable(byId.get(idOf(post))).stream())
                    .toList();
            answer = round(round.getKey(), drawn, results, !rounds.hasNext());
        }
        return new DemoReport(draws.name(), vectors.rejections().size(), results, answer);
    }

    private PostVectors embedOnly(List<Post> posts) {
        String prefix = "vectors.";
        try (RunningService services = start(prefix, EnumSet.of(LocalPlatform.Service.EMBEDDER), new FitWatch(screen));
                Connection connection = site.connect(prefix)) {
            return embed(posts, connection, services);
        }
    }

    /** The last round has an embedder too, and so can answer questions. */
    private Optional<Prediction> round(long seed, List<EmbeddedPost> vectors, List<RoundResult> results, boolean last) {
        String prefix = "seed-" + seed + ".";
        FitWatch fit = new FitWatch(screen);
        Set<LocalPlatform.Service> parts = EnumSet.of(LocalPlatform.Service.TRAINER, LocalPlatform.Service.CLASSIFIER);
        if (last) {
            parts.add(LocalPlatform.Service.EMBEDDER);
        }
        try (RunningService services = start(prefix, parts, fit);
                Connection connection = site.connect(prefix)) {
            DemoRound round = new DemoRound(connection, services, fit, stopwatch);
            round.feed(vectors);
            RoundResult result = round.run(vectors, seed);
            export.ifPresent(file -> file.write(seed, vectors));
            screen.round(result);
            results.add(result);
            if (!last) {
                return Optional.empty();
            }
            screen.spread(Spread.of(results.stream().map(RoundResult::accuracy).toList()), results.size());
            screen.times(stopwatch);
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
