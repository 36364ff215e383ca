package dev.sluice.cli;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Tells of a record on any topic that posts flow through, or on its dead letters, which post it is about. */
final class PostRecords {
    private final Map<String, Function<byte[], Optional<String>>> named = new HashMap<>();

    PostRecords(Topics topics) {
        add(topics.posts(), Post::getId);
        add(topics.embeddedPosts(), PostRecords::idOf);
        add(topics.labeledVectors(), PostRecords::idOf);
        add(topics.reembeddedVectors(), PostRecords::idOf);
        add(topics.labels(), Label::getPostId);
        add(topics.predictions(), PostRecords::idOf);
        add(topics.shadowPredictions(), PostRecords::idOf);
    }

    private static Optional<String> idOf(EmbeddedPost embedded) {
        return embedded.getPost().getId();
    }

    private static Optional<String> idOf(Prediction prediction) {
        return Optional.of(prediction.getPostId());
    }

    private <V extends SpecificRecord> void add(Topic<V> topic, Function<V, Optional<String>> id) {
        Function<byte[], Optional<String>> read =
                value -> id.apply(topic.codec().decode(value));
        named.put(topic.name(), read);
        named.put(Topics.deadLetterOf(topic.name()), read);
    }

    /** The id that the record names; else, or if nobody can read it, its key. */
    Optional<String> idOf(ConsumerRecord<byte[], byte[]> record) {
        return idIn(record).or(() -> keyOf(record));
    }

    private Optional<String> idIn(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return Optional.empty();
        }
        try {
            return named.get(record.topic()).apply(record.value());
        } catch (UnreadableRecordException e) {
            return Optional.empty();
        }
    }

    static Optional<String> keyOf(ConsumerRecord<byte[], byte[]> record) {
        return Optional.ofNullable(record.key()).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
