package dev.sluice.classifier;

import java.nio.file.Path;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;

/** RocksDB and the file system say it in words only, deep in the causes of what Kafka Streams throws. */
final class DiskFull {
    private static final String WORDS = "No space left on device";

    private DiskFull() {}

    /** @return what to tell people, if that is what went wrong */
    static Optional<KafkaException> refusal(Throwable failure, Path state) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains(WORDS)) {
                return Optional.of(new KafkaException(
                        "the disk of the state folder " + state
                                + " is full: make room and start again; nothing is lost,"
                                + " for what is not committed is done again",
                        failure));
            }
        }
        return Optional.empty();
    }
}
