package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class LabelledTextsTest {
    private static final Topics TOPICS = Topics.ofDefaults();

    private final LabelledTexts texts = new LabelledTexts();
    private final MockConsumer<byte[], byte[]> labelled = consumerOf(TOPICS.labeledVectors(), 2);
    private final MockConsumer<byte[], byte[]> reembedded = consumerOf(TOPICS.reembeddedVectors(), 2);

    private static MockConsumer<byte[], byte[]> consumerOf(Topic<?> topic, long end) {
        TopicPartition partition = new TopicPartition(topic.name(), 0);
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
        consumer.assign(List.of(partition));
        consumer.updateBeginningOffsets(Map.of(partition, 0L));
        consumer.updateEndOffsets(Map.of(partition, end));
        return consumer;
    }

    private static EmbeddingSpace space(String model) {
        return EmbeddingSpace.newBuilder()
                .setProvider("fake")
                .setModel(model)
                .setDimensions(2)
                .setNormalisation("NONE")
                .setMaxTokens(10)
                .setTextRecipe("as-is")
                .build();
    }

    private static void add(
            MockConsumer<byte[], byte[]> consumer, Topic<EmbeddedPost> topic, long offset, String model) {
        EmbeddedPost post = EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder().setId("p" + offset).setLabel("a").build())
                .setSource(new Source("posts", 0, offset))
                .setText("text " + offset)
                .setEmbedding(Vectors.toBytes(new float[] {1, 1}))
                .setSpace(space(model))
                .setEmbeddedAt(Instant.EPOCH)
                .build();
        consumer.addRecord(new ConsumerRecord<>(
                topic.name(),
                0,
                offset,
                ("p" + offset).getBytes(UTF_8),
                topic.codec().encode(post)));
    }

    @Test
    void shouldCountEachTextBeforeItReadsOnWhenThereMayBeMoreThanTheMemoryHolds() {
        AtomicLong labelledSoFar = new AtomicLong();
        AtomicLong doneSoFar = new AtomicLong();
        labelled.schedulePollTask(() -> add(labelled, TOPICS.labeledVectors(), 0, "old"));
        labelled.schedulePollTask(() -> {
            labelledSoFar.set(texts.total());
            add(labelled, TOPICS.labeledVectors(), 1, "old");
        });
        reembedded.schedulePollTask(() -> add(reembedded, TOPICS.reembeddedVectors(), 0, "new"));
        reembedded.schedulePollTask(() -> {
            doneSoFar.set(texts.in(space("new")));
            add(reembedded, TOPICS.reembeddedVectors(), 1, "new");
        });

        texts.follow(
                new TopicReader<>(labelled, TOPICS.labeledVectors()),
                new TopicReader<>(reembedded, TOPICS.reembeddedVectors()));

        assertThat(labelledSoFar).hasValue(1);
        assertThat(doneSoFar).hasValue(1);
        assertThat(texts.total()).isEqualTo(2);
        assertThat(texts.in(space("new"))).isEqualTo(2);
        assertThat(texts.in(space("old"))).isEqualTo(2);
    }
}
