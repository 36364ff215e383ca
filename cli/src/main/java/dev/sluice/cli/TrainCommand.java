package dev.sluice.cli;

import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.TrainingRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.RecordMetadata;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Asks the trainer to fit now, and waits for the version that answers. */
@Command(name = "train", description = "Fit a new version now, from all labelled posts so far.")
final class TrainCommand implements Callable<Integer> {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting of the trainer for this fit only, as epochs=5. May be repeated.")
    private Map<String, String> overrides = new TreeMap<>();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            description = "How long to wait for the version (10m).")
    private Duration timeout;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            ModelSummary model = new ModelSummary(train(connection), Optional.empty(), false);
            if (output.json()) {
                output.line(model.json());
            } else {
                output.line("version " + model.version().getVersion() + " is published: " + model.examples()
                        + " examples, "
                        + model.version().getTraining().getHistory().size() + " epochs"
                        + Versions.evaluationOf(model.version())
                                .map(each -> ", accuracy " + PredictionText.percent(each.getAccuracy()) + " on "
                                        + each.getExamples() + " " + each.getSplit() + " posts")
                                .orElse("")
                        + ModelVersions.heldBack(model.version())
                                .map(why -> "; not deployed: " + why)
                                .orElse(""));
                noteIfPinned(connection, model.version().getVersion());
            }
            return ExitCode.OK;
        }
    }

    private void noteIfPinned(Connection connection, int version) {
        Deployments deployments = DeploymentLog.read(connection);
        deployments
                .live()
                .filter(live -> deployments.pinned() && live != version)
                .ifPresent(
                        pinned -> output.note("version " + pinned + " is pinned and goes on answering; 'sluice deploy "
                                + version + "' lets version " + version + " answer"));
    }

    private ModelVersion train(Connection connection) {
        Topics topics = connection.topics();
        connection.require(topics.trainingRequests(), topics.models());
        String id = UUID.randomUUID().toString();
        try (var models = connection.readFromEnd(topics.models());
                var rejections = new Rejections<>(connection, topics.trainingRequests())) {
            RecordMetadata sent = connection.send(
                    topics.trainingRequests(),
                    topics.classifier(),
                    TrainingRequest.newBuilder()
                            .setId(id)
                            .setBy(Operator.name())
                            .setOverrides(overrides)
                            .setCreatedAt(Clock.systemUTC().instant())
                            .build());
            Deadline deadline = Deadline.in(timeout);
            while (!deadline.passed()) {
                // The trainer publishes before it commits: asked in this order, done without a version means refused.
                boolean done = isDone(connection, sent);
                Optional<ModelVersion> answer = answerTo(id, done ? models.readToEnd() : models.poll(BETWEEN_LOOKS));
                if (answer.isPresent()) {
                    return answer.get();
                }
                Optional<String> reason = rejections.reasonFor(sent);
                if (done || reason.isPresent()) {
                    throw new CommandException("the trainer refused to fit: "
                            + reason.orElse("its log says why; too few labelled posts, perhaps"));
                }
            }
        }
        throw new CommandException("no version came within " + Durations.text(timeout)
                + ": is the trainer running ('sluice status')? The request stands; wait longer with --timeout");
    }

    /** The version made for the request, if it is among what was read. */
    static Optional<ModelVersion> answerTo(String requestId, List<TopicReader.Read<ModelVersion>> read) {
        return read.stream()
                .flatMap(each -> each.value().stream())
                .filter(version -> version.getTraining().getRequestId().equals(Optional.of(requestId)))
                .findFirst();
    }

    private static boolean isDone(Connection connection, RecordMetadata sent) {
        return TopicExtent.of(connection, List.of(sent.topic())).stream()
                .anyMatch(topic -> GroupLag.anyBeyond(connection, topic, sent.offset()));
    }
}
