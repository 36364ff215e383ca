package dev.sluice.classifier;

import dev.sluice.runtime.TopicLimits;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Kafka Streams' three questions of what to do with a record that fails, answered by {@link StreamLetters}. Public, because
 * Kafka makes it by name.
 *
 * <p>A record that cannot be written has no good answer here: its transaction is lost by then, whatever is said, and the bytes
 * that it was made of are gone. So the thread begins anew, but knows better what the topic takes ({@link TopicLimits}): the
 * same record is then refused before it is sent, by {@link RecordSizes}.
 *
 * <p>Source: KIP-1033 and KIP-1034.
 */
public final class LetterHandler
        implements DeserializationExceptionHandler, ProcessingExceptionHandler, ProductionExceptionHandler {
    /** Among the settings of Kafka Streams. */
    static final String SETTING = "sluice.stream.letters";

    private StreamLetters letters;

    @Override
    public void configure(Map<String, ?> settings) {
        letters = (StreamLetters) settings.get(SETTING);
    }

    /** All records come in as bytes, so this is asked only of what Kafka Streams itself cannot take, if there is such. */
    @Override
    public DeserializationExceptionHandler.Response handleError(
            ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception failure) {
        return DeserializationExceptionHandler.Response.resume(
                letters.letter(context, record.key(), record.value(), failure));
    }

    @Override
    public ProcessingExceptionHandler.Response handleError(
            ErrorHandlerContext context, Record<?, ?> record, Exception failure) {
        if (!letters.isOfTheRecord(context, failure)) {
            return ProcessingExceptionHandler.Response.fail();
        }
        byte[] key = record == null ? null : bytes(record.key());
        byte[] value = record == null ? null : bytes(record.value());
        if (context.taskId().subtopology() < 0) { // a global store's
            letters.globals().accept(original(context, record, key, value), failure);
            return ProcessingExceptionHandler.Response.resume();
        }
        return ProcessingExceptionHandler.Response.resume(letters.letter(context, key, value, failure));
    }

    private static byte[] bytes(Object part) {
        return part instanceof byte[] bytes ? bytes : null;
    }

    private static ConsumerRecord<byte[], byte[]> original(
            ErrorHandlerContext context, Record<?, ?> record, byte[] key, byte[] value) {
        return new ConsumerRecord<>(
                context.topic(),
                context.partition(),
                context.offset(),
                record.timestamp(),
                TimestampType.CREATE_TIME,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                key,
                value,
                record.headers(),
                Optional.empty());
    }

    @Override
    public ProductionExceptionHandler.Response handleError(
            ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception failure) {
        if (failure instanceof RecordTooLargeException) {
            letters.letters()
                    .limits()
                    .refused(record.topic(), TopicLimits.sizeOf(record.key(), record.value(), record.headers()));
        }
        return ProductionExceptionHandler.Response.fail();
    }
}
