package dev.sluice.runtime;

import dev.sluice.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How large a record each topic takes: as {@link Topics} makes it, or less, where somebody else made the topic and a record was
 * refused. What is known to be refused need not be sent: within a transaction a refusal costs all records of it, so the
 * size is asked for beforehand. What was learned holds until the process ends. Safe for use by several threads.
 */
public final class TopicLimits {
    private static final Logger LOG = LoggerFactory.getLogger(TopicLimits.class);

    /** More than the framing of a batch (61 bytes), of its one record (21) and of a header (10) ever takes. */
    private static final int BATCH_FRAMING = 256;

    private static final int HEADER_FRAMING = 16;

    private final Topics topics;
    private final Map<String, Long> made = new ConcurrentHashMap<>();
    private final Map<String, Long> refused = new ConcurrentHashMap<>();

    public TopicLimits(Topics topics) {
        this.topics = topics;
    }

    /**
     * Asks the brokers what the topics take. Where they do not say, since this client may not ask, it is learned when a
     * record is refused.
     */
    public static TopicLimits found(Admin admin, Topics topics) {
        TopicLimits limits = new TopicLimits(topics);
        List<ConfigResource> asked = topics.allWithDeadLetters().stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic.name()))
                .toList();
        admin.describeConfigs(asked).values().forEach((topic, answer) -> {
            try {
                String most =
                        answer.get().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value();
                limits.refused(topic.name(), Long.parseLong(most) + 1);
            } catch (ExecutionException e) {
                LOG.info("how large the records of {} may be is not known: {}", topic.name(), e.getMessage());
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        });
        return limits;
    }

    /** The largest record, in bytes as {@link #sizeOf} counts. */
    public long of(String topic) {
        long most = made.computeIfAbsent(topic, name -> (long) topics.maxBytesOf(name));
        return Optional.ofNullable(refused.get(topic))
                .map(size -> Math.min(most, size - 1))
                .orElse(most);
    }

    /** A record of so many bytes was too large for the topic. */
    public void refused(String topic, long bytes) {
        refused.merge(topic, bytes, Math::min);
    }

    /** What a record takes on its topic at most, in bytes, uncompressed and alone in its batch; key and value may be null. */
    public static long sizeOf(byte[] key, byte[] value, Iterable<Header> headers) {
        long size = (long) BATCH_FRAMING + (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
        for (Header header : headers) {
            size += sizeOf(header);
        }
        return size;
    }

    static long sizeOf(Header header) {
        return (long) HEADER_FRAMING
                + header.key().getBytes(StandardCharsets.UTF_8).length
                + (header.value() == null ? 0 : header.value().length);
    }
}
