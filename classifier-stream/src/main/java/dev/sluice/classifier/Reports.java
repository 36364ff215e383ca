package dev.sluice.classifier;

import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.Deployments.Change;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where it is told what became of deployments and models: the seam to Kafka, since global processors cannot forward. */
interface Reports {
    /** What became of the newest deployment that counts; called only when something changed. */
    void deployment(Outcome outcome);

    /** An event has arrived on {@code deployments} that changes nothing, as one that loses to a pin. */
    void lost(Change change);

    /**
     * A record on {@code models} or {@code deployments} that can never be used.
     *
     * @param fresh whether it has just arrived; if not, it was met again while the stores were restored
     */
    void refused(ConsumerRecord<byte[], byte[]> record, Exception reason, boolean fresh);

    /**
     * @param version the version that the newest deployment that counts names
     * @param serving the version that serves now
     * @param reason why it waits or was refused, else empty
     */
    record Outcome(DeploymentState state, int version, Optional<Integer> serving, String reason) {}
}
