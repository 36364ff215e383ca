package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReembedderTest {
    private static final Topics TOPICS = Topics.ofDefaults();
    private static final TopicPartition P0 = new TopicPartition("labeled-vectors", 0);
    private static final TopicPartition P1 = new TopicPartition("labeled-vectors", 1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private final List<MockProducer<byte[], byte[]>> producers = new ArrayList<>();
    private final Queue<RuntimeException> commitFailures = new ArrayDeque<>();
    private Predicate<ProducerRecord<byte[], byte[]>> takes = record -> true;
    private final Queue<Runnable> calls = new ArrayDeque<>();
    private final FakeEmbeddingModel next = new FakeEmbeddingModel();
    private final Reembedder reembedder = new Reembedder(
            consumer,
            this::newProducer,
            new ReembeddedTexts(List.of(TOPICS), next, next, List::size, Clock.systemUTC()),
            calls::add,
            new EmbedderMeters(new SimpleMeterRegistry()));

    private Producer<byte[], byte[]> newProducer() {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(
                        true, new RoundRobinPartitioner(), new ByteArraySerializer(), new ByteArraySerializer()) {
                    private boolean tooLarge;

                    @Override
                    public synchronized Future<RecordMetadata> send(
                            ProducerRecord<byte[], byte[]> record, Callback callback) {
                        if (!takes.test(record)) {
                            tooLarge = true;
                            commitTransactionException = new KafkaException("in an error state");
                        }
                        if (tooLarge) { // of one, told to all others too
                            callback.onCompletion(null, new RecordTooLargeException("too large"));
                            return CompletableFuture.failedFuture(commitTransactionException);
                        }
                        return super.send(record, callback);
                    }
                };
        producer.commitTransactionException = commitFailures.poll();
        producers.add(producer);
        return producer;
    }

    @BeforeEach
    void join() {
        reembedder.subscribe();
        consumer.updateBeginningOffsets(Map.of(P0, 0L, P1, 0L));
        consumer.rebalance(List.of(P0, P1));
    }

    private void add(TopicPartition partition, long offset) {
        EmbeddedPost post = EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder().setId("p" + offset).setLabel("a").build())
                .setSource(new Source("posts", 0, offset))
                .setText("text " + offset)
                .setEmbedding(Vectors.toBytes(new float[] {1, 1}))
                .setSpace(ReembeddedTextsTest.space("old"))
                .setEmbeddedAt(Instant.EPOCH)
                .build();
        consumer.addRecord(new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                ("p" + offset).getBytes(UTF_8),
                TOPICS.labeledVectors().codec().encode(post)));
    }

    private MockProducer<byte[], byte[]> lastProducer() {
        return producers.get(producers.size() - 1);
    }

    @Test
    void shouldCommitVectorsAndOffsetsTogetherWhenTheModelHasAnswered() {
        add(P0, 0);
        add(P1, 0);
        reembedder.step();
        assertThat(producers).as("nothing before the answer").isEmpty();
        assertThat(consumer.paused()).containsExactlyInAnyOrder(P0, P1);

        calls.remove().run();
        reembedder.step();

        assertThat(lastProducer().history()).hasSize(2);
        assertThat(lastProducer().consumerGroupOffsetsHistory()).singleElement().satisfies(offsets -> assertThat(
                        offsets.values())
                .singleElement()
                .isEqualTo(Map.of(P0, new OffsetAndMetadata(1), P1, new OffsetAndMetadata(1))));
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void shouldReadTheBatchOnceMoreWhenItsCommitFails() {
        commitFailures.add(new ProducerFencedException("another"));
        add(P0, 0);
        reembedder.step();
        calls.remove().run();

        reembedder.step();

        assertThat(consumer.position(P0)).isZero();
        add(P0, 0); // a mock forgets what was polled
        reembedder.step();
        calls.remove().run();
        reembedder.step();
        assertThat(producers).hasSize(2);
        assertThat(lastProducer().history()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"false,1", "true,2"})
    void shouldSendALetterOfFittingSizeWhenKafkaDoesNotTakeTheVector(boolean alsoNotTheLetter, int failures) {
        // given: a first text whose vector is not taken, nor, in the second case, a letter with key and value
        takes = record -> record.key() == null
                || !"p0".equals(new String(record.key(), UTF_8))
                || (!alsoNotTheLetter && record.topic().endsWith(".dead-letter"));
        add(P0, 0);
        add(P0, 1);
        reembedder.step();
        calls.remove().run();

        // when
        reembedder.step();

        // then
        assertThat(producers).hasSize(1 + failures);
        assertThat(lastProducer().history())
                .extracting(ProducerRecord::topic)
                .containsExactly("labeled-vectors.dead-letter", "reembedded-vectors");
        assertThat(lastProducer().consumerGroupOffsetsHistory().get(0).values())
                .singleElement()
                .isEqualTo(Map.of(P0, new OffsetAndMetadata(2)));
    }

    @Test
    void shouldTryAgainLaterWhenNotEvenTheReasonIsTaken() {
        takes = record -> false;
        add(P0, 0);
        reembedder.step();
        calls.remove().run();

        reembedder.step();

        assertThat(producers).hasSize(3);
        assertThat(consumer.position(P0)).isZero();
    }

    @Test
    void shouldLeaveAPartitionToItsNewOwnerWhenItIsTakenDuringTheCall() {
        add(P0, 0);
        add(P1, 0);
        reembedder.step();
        consumer.rebalance(List.of(P1));
        calls.remove().run();

        reembedder.step();

        assertThat(lastProducer().history()).hasSize(1);
        assertThat(lastProducer().consumerGroupOffsetsHistory().get(0).values())
                .singleElement()
                .isEqualTo(Map.of(P1, new OffsetAndMetadata(1)));
    }

    @Test
    void shouldLeaveAPartitionAsItsOtherOwnerLeftItWhenItComesBackDuringTheCall() {
        add(P0, 0);
        add(P1, 0);
        reembedder.step();
        consumer.rebalance(List.of(P1));
        consumer.rebalance(List.of(P0, P1));
        calls.remove().run();

        reembedder.step();

        assertThat(lastProducer().history()).hasSize(1);
        assertThat(lastProducer().consumerGroupOffsetsHistory().get(0).values())
                .singleElement()
                .isEqualTo(Map.of(P1, new OffsetAndMetadata(1)));
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void shouldCommitNothingWhenAllThatItHasTakenWasAwayDuringTheCall() {
        add(P0, 0);
        reembedder.step();
        consumer.rebalance(List.of(P1));
        consumer.rebalance(List.of(P0, P1));
        calls.remove().run();

        reembedder.step();

        assertThat(producers).isEmpty();
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void shouldNoteHowFarItIsWhenNothingIsLeft() {
        reembedder.step();

        assertThat(consumer.committed(Set.of(P0, P1)))
                .containsEntry(P0, new OffsetAndMetadata(0))
                .containsEntry(P1, new OffsetAndMetadata(0));
    }
}
