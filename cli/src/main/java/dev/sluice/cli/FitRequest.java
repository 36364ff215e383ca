package dev.sluice.cli;

import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.TrainingRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Asks the trainer to fit, and waits for the version that answers.
 *
 * @param overrides settings of the trainer for this fit only
 * @param timeout how long to wait for the version
 */
record FitRequest(Map<String, String> overrides, Duration timeout) {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    /** @throws CommandException if the trainer refuses, or no version comes in time */
    ModelVersion send(Connection connection) {
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
