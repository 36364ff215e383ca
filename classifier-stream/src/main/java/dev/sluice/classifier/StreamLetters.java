package dev.sluice.classifier;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.DeadLetters.Place;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a record when a processor throws what it should not: a dead letter, so that one record that a bug of ours
 * trips over does not stop the service, at each start anew. What Kafka or the disk has done is no fault of the record: that
 * fails, as it would without this, or a full disk would make dead letters of all posts.
 *
 * @param letters of one application
 * @param letterTopic where the letters of a source go
 * @param globals told of what was wrong with a record of a global store, of which Kafka Streams writes no dead letters
 * @param counted told of each letter
 */
record StreamLetters(
        DeadLetters letters,
        Function<String, String> letterTopic,
        BiConsumer<ConsumerRecord<byte[], byte[]>, Exception> globals,
        Runnable counted) {
    private static final Logger LOG = LoggerFactory.getLogger(StreamLetters.class);

    /** Has Kafka Streams ask here, and nobody else. */
    void addTo(Map<String, Object> settings) {
        String handler = LetterHandler.class.getName();
        settings.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, handler);
        settings.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, handler);
        settings.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, handler);
        settings.put(LetterHandler.SETTING, this);
    }

    /** Whether it is the record's fault, as far as can be known. */
    boolean isOfTheRecord(ErrorHandlerContext context, Exception failure) {
        Throwable cause = failure;
        boolean environment = false;
        while (true) {
            environment |= cause instanceof KafkaException
                    || cause instanceof IOException
                    || cause instanceof RocksDBException;
            if (cause.getCause() == null) {
                break;
            }
            cause = cause.getCause();
        }
        // Kafka Streams takes a failed cast for a wrong setting and wraps it; here it is a bug like others
        return Objects.nonNull(context.topic()) && (!environment || cause instanceof ClassCastException);
    }

    /**
     * The letter for the record that is in hand.
     *
     * @param key where Kafka Streams has let go of the raw one
     * @param value as well
     */
    List<ProducerRecord<byte[], byte[]>> letter(
            ErrorHandlerContext context, byte[] key, byte[] value, Exception reason) {
        Place place = new Place(context.topic(), context.partition(), context.offset());
        LOG.error("{} becomes a dead letter: a bug, please report it", place, reason);
        counted.run();
        return List.of(letters.to(
                letterTopic.apply(context.topic()),
                place,
                context.sourceRawKey() == null ? key : context.sourceRawKey(),
                context.sourceRawValue() == null ? value : context.sourceRawValue(),
                context.headers(),
                reason));
    }
}
