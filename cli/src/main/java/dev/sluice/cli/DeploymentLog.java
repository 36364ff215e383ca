package dev.sluice.cli;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Instant;

/** The topic {@code deployments}, folded: what is to serve, whether a pin holds, and who changed what, and why. */
final class DeploymentLog {
    private DeploymentLog() {}

    /** Reads all there is now. What is no event is passed over, as the classifier does; a time that is missing is the record's. */
    static Deployments read(Connection connection) {
        Deployments deployments = new Deployments(connection.topics().classifier(), connection.trust());
        try (var reader = connection.readFromBeginning(connection.topics().deployments())) {
            reader.readToEnd().forEach(read -> read.value().ifPresent(event -> add(deployments, read, event)));
        }
        return deployments;
    }

    private static void add(Deployments deployments, TopicReader.Read<Deployment> read, Deployment event) {
        Instant at = event.getCreatedAt()
                .orElseGet(() -> Instant.ofEpochMilli(read.raw().timestamp()));
        try {
            deployments.add(
                    read.raw().offset(),
                    Deployment.newBuilder(event).setCreatedAt(at).build());
        } catch (UnreadableRecordException e) {
            // the classifier has said so in its log, and in a dead letter
        }
    }
}
