package dev.sluice.embedder;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * What of a transaction's failures no second try would mend. A producer that may not write a record says so at the
 * transaction's next step only, as the cause of its "error state".
 */
final class LastingFailures {
    private LastingFailures() {}

    /** @throws KafkaException what stands behind the failure, if it will be there again: a right that is missing, say */
    static void throwIfLasting(KafkaException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AuthorizationException
                    || cause instanceof AuthenticationException
                    || cause instanceof UnsupportedVersionException
                    || cause instanceof InterruptException) {
                throw (KafkaException) cause;
            }
        }
    }
}
