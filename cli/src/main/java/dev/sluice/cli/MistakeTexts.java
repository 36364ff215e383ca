package dev.sluice.cli;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Mistake;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.UnreadableRecordException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The texts of the posts that a version was wrong about. A version names the posts only; their texts lie on {@code labeled-vectors}, so
 * that one that is forgotten is gone from reports too. Costs a pass over that topic, in which only the posts looked for are decoded.
 */
final class MistakeTexts {
    private final Topic<EmbeddedPost> topic;
    private final Set<String> wanted;
    private final Map<String, EmbeddedPost> found = new HashMap<>();

    private MistakeTexts(Topic<EmbeddedPost> topic, Set<String> wanted) {
        this.topic = topic;
        this.wanted = wanted;
    }

    /** By post id; a post that is not there any more is left out. */
    static Map<String, EmbeddedPost> read(Connection connection, ModelVersion version) {
        Set<String> wanted = new HashSet<>();
        version.getEvaluations()
                .forEach(each ->
                        each.getMistakes().stream().map(Mistake::getPostId).forEach(wanted::add));
        Topic<EmbeddedPost> topic = connection.topics().labeledVectors();
        if (wanted.isEmpty() || !connection.topicNames().contains(topic.name())) {
            return Map.of();
        }
        MistakeTexts texts = new MistakeTexts(topic, wanted);
        try (TopicScan scan = new TopicScan(connection, List.of(topic.name()))) {
            scan.read(texts::take, passed -> {});
        }
        return Map.copyOf(texts.found);
    }

    /** The last word of a post counts, none takes it away. */
    private void take(ConsumerRecord<byte[], byte[]> record) {
        PostRecords.keyOf(record).filter(wanted::contains).ifPresent(id -> {
            found.remove(id);
            if (record.value() != null) {
                try {
                    found.put(id, topic.codec().decode(record.value()));
                } catch (UnreadableRecordException e) {
                    // then its text is not known here; its readers have told of it
                }
            }
        });
    }
}
