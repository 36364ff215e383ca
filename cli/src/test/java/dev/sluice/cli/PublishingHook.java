package dev.sluice.cli;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Stops a trainer in the middle of a publication, as {@code producer.interceptor.classes}: after it has begun to send, or when
 * all is sent and not committed.
 */
public final class PublishingHook implements ProducerInterceptor<byte[], byte[]> {
    /** As {@code producer.hook.hang}: at the acknowledgement of a record on this topic the producer stops for ever. */
    static final String HANG = "hook.hang";

    /** What it says on its standard output then. */
    static final String IN_THE_MIDDLE = "in the middle of publishing";

    /** Run once, before a record is sent on a topic whose name ends so: {@code models}. */
    static final AtomicReference<Runnable> BEFORE_A_MODEL = new AtomicReference<>(() -> {});

    private String hangAt = "";

    @Override
    public void configure(Map<String, ?> settings) {
        if (settings.get(HANG) instanceof String topic) {
            hangAt = topic;
        }
    }

    @Override
    public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> record) {
        if (record.topic().endsWith("models")) {
            BEFORE_A_MODEL.getAndSet(() -> {}).run();
        }
        return record;
    }

    @Override
    public void onAcknowledgement(RecordMetadata metadata, Exception exception) {
        if (metadata.topic().equals(hangAt)) {
            System.out.println(IN_THE_MIDDLE);
            while (true) {
                LockSupport.park();
            }
        }
    }

    @Override
    public void close() {
        // there is nothing to close
    }
}
