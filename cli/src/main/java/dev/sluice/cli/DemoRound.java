package dev.sluice.cli;

import dev.sluice.cli.Stopwatch.Stage;
import dev.sluice.runtime.RunningService;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.TrainingRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.header.Header;

/**
 * One model from vectors to its score, by topics alone: when all vectors lie on {@code labeled-vectors}, asks for a version,
 * waits until it serves, sends the test posts' vectors through {@code embedded-posts} once more, and counts the answers.
 */
final class DemoRound {
    private final Connection connection;
    private final Topics topics;
    private final RunningService services;
    private final FitWatch fit;
    private final Stopwatch stopwatch;

    /** @param fit told by the trainer, which runs in this process */
    DemoRound(Connection connection, RunningService services, FitWatch fit, Stopwatch stopwatch) {
        this.connection = connection;
        this.topics = connection.topics();
        this.services = services;
        this.fit = fit;
        this.stopwatch = stopwatch;
    }

    /** Puts vectors on {@code embedded-posts}, where the embedder would have put them. */
    void feed(List<EmbeddedPost> vectors) {
        send(vectors, List.of());
    }

    /**
     * @param round whose posts they are
     * @param vectors everything on {@code embedded-posts}, test posts too
     * @throws CommandException if a stage fails or stands still, or if the predictions disagree with the evaluation
     */
    RoundResult run(Draws.Round round, List<EmbeddedPost> vectors) {
        stopwatch.time(Stage.EMBED, () -> awaitLabelled(vectors.size()));
        ModelVersion version = stopwatch.time(Stage.TRAIN, () -> train(round.seed()));
        stopwatch.time(Stage.DEPLOY, () -> awaitServing(version.getVersion()));
        List<EmbeddedPost> tests = vectors.stream()
                .filter(vector -> DataSet.splitOf(vector.getPost()) == Split.TEST)
                .toList();
        ReplayScore score = stopwatch.time(Stage.PREDICT, () -> replay(tests, version));
        return RoundResult.of(round, vectors.size() - tests.size(), version, score);
    }

    private int awaitLabelled(int expected) {
        Patience patience = new Patience("labelled vectors", Patience.WITHOUT_PROGRESS, services);
        Set<Object> arrived = new HashSet<>();
        try (var labelled = connection.readFromBeginning(topics.labeledVectors());
                var rejections = connection.readFromBeginning(Rejections.deadLettersOf(topics.embeddedPosts()))) {
            while (arrived.size() < expected) {
                labelled.poll().forEach(read -> read.value().ifPresent(vector -> arrived.add(vector.getSource())));
                rejections.poll(Duration.ZERO).stream()
                        .map(TopicReader.Read::raw)
                        .forEach(letter -> arrived.add(letter.partition() + "@" + letter.offset()));
                patience.check(arrived.size());
            }
        }
        return arrived.size();
    }

    private ModelVersion train(long seed) {
        String id = UUID.randomUUID().toString();
        Patience patience = new Patience("a model version", Patience.WITHOUT_PROGRESS, services);
        try (var models = connection.readFromEnd(topics.models())) {
            connection.send(
                    topics.trainingRequests(),
                    topics.classifier(),
                    TrainingRequest.newBuilder()
                            .setId(id)
                            .setBy("sluice demo")
                            .setOverrides(Map.of("seed", Long.toString(seed)))
                            .setCreatedAt(Clock.systemUTC().instant())
                            .build());
            while (true) {
                Optional<ModelVersion> answer = FitRequest.answerTo(id, models.poll());
                if (answer.isPresent()) {
                    return answer.get();
                }
                fit.refusal().ifPresent(reason -> {
                    throw new CommandException("the trainer refused: " + reason);
                });
                patience.check(fit.step());
            }
        }
    }

    private int awaitServing(int version) {
        Patience patience = new Patience("version " + version + " to serve", Patience.WITHOUT_PROGRESS, services);
        LiveVersions live = new LiveVersions();
        try (var statuses = connection.readFromBeginning(topics.deploymentStatus())) {
            while (!live.serves(version)) {
                statuses.poll().forEach(live::add);
                live.newest()
                        .filter(status -> status.getState() == DeploymentState.REFUSED)
                        .ifPresent(status -> {
                            throw new CommandException("the classifier refused version " + status.getVersion() + ": "
                                    + status.getReason());
                        });
                patience.check(0);
            }
        }
        return version;
    }

    private ReplayScore replay(List<EmbeddedPost> tests, ModelVersion version) {
        String replay = UUID.randomUUID().toString();
        ReplayScore score = new ReplayScore(replay, version.getVersion(), version.getLabels(), tests.size());
        Patience patience = new Patience("predictions of the test posts", Patience.WITHOUT_PROGRESS, services);
        try (var predictions = connection.readFromEnd(topics.predictions())) {
            send(tests, List.of(ReplayScore.mark(replay)));
            while (!score.complete()) {
                predictions.poll().forEach(read -> read.value()
                        .ifPresent(prediction -> score.add(read.raw().headers(), prediction)));
                patience.check(score.counted());
            }
        }
        return score;
    }

    private void send(List<EmbeddedPost> vectors, List<Header> headers) {
        try (Outbox<EmbeddedPost> outbox = new Outbox<>(connection, topics.embeddedPosts())) {
            vectors.forEach(vector -> outbox.send(vector.getPost().getId().orElseThrow(), vector, headers));
        }
    }
}
