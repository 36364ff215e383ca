package dev.sluice.trainer;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.schemas.Topics;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;

/** What stopped a publication: Kafka hides it among the causes of what a commit throws. */
record PublishingFailure(KafkaException thrown) {
    /** Why this version will not be published, however often it is tried; empty if it is no matter of the version. */
    Optional<String> refusal(Topics topics) {
        if (isTooLarge()) { // the topic may be older than the setting, and hold less
            return Optional.of("the model is larger than a record may be on "
                    + topics.models().name() + ": raise its max.message.bytes to " + topics.maxModelBytes()
                    + ", or lower "
                    + ServiceConfig.MODEL_MAX_BYTES + " to it");
        }
        return Optional.empty();
    }

    /** Whether another one began to publish for the same classifier meanwhile. */
    boolean isFenced() {
        return causes().anyMatch(
                        e -> e instanceof ProducerFencedException || e instanceof InvalidProducerEpochException);
    }

    boolean isTooLarge() {
        return causes().anyMatch(RecordTooLargeException.class::isInstance);
    }

    /** Whether it may go well the next time. */
    boolean isPassing() {
        return causes().anyMatch(RetriableException.class::isInstance);
    }

    private Stream<Throwable> causes() {
        return Stream.iterate((Throwable) thrown, cause -> cause != null, Throwable::getCause);
    }
}
