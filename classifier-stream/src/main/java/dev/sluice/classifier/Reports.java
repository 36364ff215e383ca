package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.Deployments.Change;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where it is told what became of deployments and models: the seam to Kafka, since global processors cannot forward. */
interface Reports {
    /** What became of the newest deployment of an arm; called only when something changed. */
    void deployment(Outcome outcome);

    /** Nobody has the part of this arm, or nobody any more. Never of the live one. */
    void ended(Arm arm);

    /** An event has arrived on {@code deployments} that changes nothing, as one that loses to a pin. */
    void lost(Change change);

    /**
     * A record on {@code models} or {@code deployments} that can never be used.
     *
     * @param fresh whether it has just arrived; if not, it was met again while the stores were restored
     */
    void refused(ConsumerRecord<byte[], byte[]> record, Exception reason, boolean fresh);

    /**
     * @param version the version that is to have the part of this arm
     * @param serving the version that answers there now; where a canary does not, the live one
     * @param reason why it waits or was refused, or what is to be said of one that serves; else empty
     */
    record Outcome(Arm arm, DeploymentState state, int version, Optional<Integer> serving, String reason) {}
}
