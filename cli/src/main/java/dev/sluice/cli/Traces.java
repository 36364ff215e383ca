package dev.sluice.cli;

import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Everything of one post that lies on topics, gathered record by record: first what says under which texts and vectors it is
 * known ({@link #about}), then what else there is ({@link #beside}). Not thread-safe.
 */
final class Traces {
    private final String id;
    private final Topics topics;
    private final PostRecords records;

    private final Set<Place> compacted = new LinkedHashSet<>();
    private final Map<String, Expiring> expiring = new TreeMap<>();
    private final Set<Source> embedded = new HashSet<>();
    private final Set<String> cacheKeys = new HashSet<>();
    private final Set<ByteBuffer> vectors = new HashSet<>();
    private Optional<Instant> labelledSince = Optional.empty();
    private long waiting;

    /** Where a record of a compacted topic lies; the next with the same key takes its place. */
    record Place(String topic, int partition, String key) {}

    /**
     * Records that stay until their topic lets them go.
     *
     * @param newest when the last of them came
     */
    record Expiring(long records, Instant newest) {
        Expiring and(Expiring other) {
            return new Expiring(records + other.records, newest.isAfter(other.newest) ? newest : other.newest);
        }
    }

    Traces(String id, Topics topics) {
        this.id = id;
        this.topics = topics;
        this.records = new PostRecords(topics);
    }

    /** Takes in a record of {@code embedded-posts}, {@code labeled-vectors}, {@code reembedded-vectors} or {@code labels}. */
    void about(ConsumerRecord<byte[], byte[]> record) {
        boolean kept = !record.topic().equals(topics.embeddedPosts().name());
        if (kept) {
            PostRecords.keyOf(record).ifPresent(key -> compacted.remove(placeOf(record, key)));
        }
        if (record.value() == null || records.idOf(record).filter(id::equals).isEmpty()) {
            return;
        }
        if (kept) {
            PostRecords.keyOf(record).ifPresent(key -> compacted.add(placeOf(record, key)));
        } else {
            stays(record);
        }
        if (!record.topic().equals(topics.labels().name())) {
            try {
                remember(topics.embeddedPosts().codec().decode(record.value()), kept);
            } catch (UnreadableRecordException e) {
                // whoever should have read it has made a dead letter of it
            }
        }
    }

    private void remember(EmbeddedPost post, boolean example) {
        embedded.add(post.getSource());
        vectors.add(post.getEmbedding());
        cacheKeys.add(EmbeddingSpaces.cacheKey(EmbeddingSpaces.idOf(post.getSpace()), post.getText()));
        for (AlternativeEmbedding other : post.getAlternatives()) {
            vectors.add(other.getEmbedding());
            cacheKeys.add(EmbeddingSpaces.cacheKey(EmbeddingSpaces.idOf(other.getSpace()), post.getText()));
        }
        if (example && labelledSince.filter(post.getEmbeddedAt()::isAfter).isEmpty()) {
            labelledSince = Optional.of(post.getEmbeddedAt());
        }
    }

    /** Takes in a record of any other topic, when all of the first ones were taken in. */
    void beside(ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(topics.embeddingCache().name())) {
            PostRecords.keyOf(record).filter(cacheKeys::contains).ifPresent(key -> {
                compacted.remove(placeOf(record, key));
                if (record.value() != null) {
                    compacted.add(placeOf(record, key));
                }
            });
            return;
        }
        boolean isPost = record.topic().equals(topics.posts().name());
        boolean source = isPost && embedded.contains(new Source(record.topic(), record.partition(), record.offset()));
        if (source || records.idOf(record).filter(id::equals).isPresent()) {
            stays(record);
            waiting += isPost && !source ? 1 : 0;
        }
    }

    private void stays(ConsumerRecord<byte[], byte[]> record) {
        expiring.merge(record.topic(), new Expiring(1, Instant.ofEpochMilli(record.timestamp())), Expiring::and);
    }

    private static Place placeOf(ConsumerRecord<byte[], byte[]> record, String key) {
        return new Place(record.topic(), record.partition(), key);
    }

    String id() {
        return id;
    }

    /** What is to be withdrawn: a record without a value under each of these keys takes it away. */
    Collection<Place> compacted() {
        return Set.copyOf(compacted);
    }

    /** How many of them lie on each topic, by its name. */
    Map<String, Long> countsByTopic() {
        Map<String, Long> counts = new TreeMap<>();
        compacted.forEach(place -> counts.merge(place.topic(), 1L, Long::sum));
        return counts;
    }

    /** What stays until it expires, by topic. */
    Map<String, Expiring> expiring() {
        return new HashMap<>(expiring);
    }

    /** Since when a model may have learned from it: when its first example was embedded. */
    Optional<Instant> labelledSince() {
        return labelledSince;
    }

    /** Whether these bytes are a vector of the post. */
    boolean isVector(ByteBuffer bytes) {
        return vectors.contains(bytes);
    }

    /** Records on {@code posts} that were neither embedded nor rejected yet. */
    long waiting() {
        Expiring rejected = expiring.get(Topics.deadLetterOf(topics.posts().name()));
        return Math.max(0, waiting - (rejected == null ? 0 : rejected.records()));
    }
}
