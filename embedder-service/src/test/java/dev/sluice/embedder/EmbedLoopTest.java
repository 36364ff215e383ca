package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Kafka's mock clients, and executors that run when the test says so. */
class EmbedLoopTest {
    private static final TopicPartition P0 = new TopicPartition("posts", 0);
    private static final TopicPartition P1 = new TopicPartition("posts", 1);

    /** A mock that fails as told, and shares what is committed with the consumer's mock, as a broker would. */
    private final class TransactionalProducer extends MockProducer<byte[], byte[]> {
        private int copied;
        private boolean tooLarge;

        TransactionalProducer() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            if (tooLarge || (record.value() != null && record.value().length > maxSize)) {
                tooLarge = true; // as Kafka does, the failure of one is told to all others too
                RecordTooLargeException failure = new RecordTooLargeException("too large");
                callback.onCompletion(null, failure);
                commitTransactionException = new KafkaException("in an error state", failure);
                return CompletableFuture.failedFuture(failure);
            }
            return super.send(record, callback);
        }

        @Override
        public void commitTransaction() {
            if (commitsButFails) {
                commitsButFails = false;
                reallyCommit();
                throw new TimeoutException("no answer");
            }
            reallyCommit();
        }

        private void reallyCommit() {
            super.commitTransaction();
            consumerGroupOffsetsHistory()
                    .get(consumerGroupOffsetsHistory().size() - 1)
                    .values()
                    .forEach(committed::putAll);
            history().stream().skip(copied).forEach(log::add);
            copied = history().size();
        }
    }

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
        @Override
        public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
                Set<TopicPartition> partitions, Duration timeout) {
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            partitions.forEach(partition -> offsets.put(partition, committed.get(partition)));
            return offsets;
        }
    };
    private final List<TransactionalProducer> producers = new ArrayList<>();
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private final List<ProducerRecord<byte[], byte[]>> log = new ArrayList<>();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Queue<Runnable> tasksAfterPause = new ArrayDeque<>();
    private final Deque<RuntimeException> workFailures = new ArrayDeque<>();
    private final List<Integer> worked = new ArrayList<>();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private int maxSize = Integer.MAX_VALUE;
    private boolean commitsButFails;
    private final Deque<RuntimeException> newProducersFailToBegin = new ArrayDeque<>();

    private final EmbedLoop loop = new EmbedLoop(
            consumer,
            new ChunkCommit(consumer, this::newProducer, new EmbedderMeters(registry)),
            this::work,
            tasks::add,
            tasksAfterPause::add);

    private Producer<byte[], byte[]> newProducer() {
        TransactionalProducer producer = new TransactionalProducer();
        producer.beginTransactionException = newProducersFailToBegin.poll();
        producers.add(producer);
        return producer;
    }

    private List<Outcome> work(List<ConsumerRecord<byte[], byte[]>> records) {
        worked.add(records.size());
        if (!workFailures.isEmpty()) {
            throw workFailures.remove();
        }
        return records.stream()
                .map(record -> new String(record.value(), UTF_8).startsWith("bad")
                        ? Outcome.refused(record, new UnusablePostException("bad"))
                        : Outcome.embedded(
                                record, new ProducerRecord<>("embedded-posts", record.key(), record.value())))
                .toList();
    }

    @BeforeEach
    void assignBothPartitions() {
        loop.subscribe("posts");
        consumer.updateBeginningOffsets(Map.of(P0, 0L, P1, 0L));
        consumer.rebalance(List.of(P0, P1));
    }

    private void add(TopicPartition partition, long offset, String value) {
        consumer.addRecord(new ConsumerRecord<>("posts", partition.partition(), offset, null, value.getBytes(UTF_8)));
    }

    private void stepTimes(int times) {
        for (int i = 0; i < times; i++) {
            loop.step();
        }
    }

    private void finishWork() {
        tasks.remove().run();
        loop.step();
    }

    private List<String> logged(String topic) {
        return log.stream()
                .filter(record -> record.topic().equals(topic))
                .map(record -> String.valueOf(record.value() == null ? null : new String(record.value(), UTF_8)))
                .toList();
    }

    private long committedOf(TopicPartition partition) {
        return committed.get(partition).offset();
    }

    @Test
    void shouldCommitOutputsAndOffsetsTogetherWhenTheWorkIsDone() {
        add(P0, 0, "a");
        add(P0, 1, "bad b");
        add(P1, 0, "c");

        loop.step();
        finishWork();

        assertThat(logged("embedded-posts")).containsExactlyInAnyOrder("a", "c");
        assertThat(logged("posts.dead-letter")).containsExactly("bad b");
        assertThat(committedOf(P0)).isEqualTo(2);
        assertThat(committedOf(P1)).isEqualTo(1);
        assertThat(producers).hasSize(1);
        assertThat(producers.get(0).commitCount()).isEqualTo(1);
        assertThat(registry.get("sluice.embedder.posts").counter().count()).isEqualTo(2);
        assertThat(registry.get("sluice.embedder.dead.letters")
                        .tag("reason", "UnusablePostException")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void shouldTakeNoMorePostsAndOpenNoTransactionWhenTheModelIsAtWork() {
        add(P0, 0, "a");
        loop.step();
        add(P0, 1, "b");

        stepTimes(5);

        assertThat(consumer.paused()).containsExactlyInAnyOrder(P0, P1);
        assertThat(tasks).hasSize(1);
        assertThat(producers).allMatch(producer -> !producer.transactionInFlight());

        finishWork();
        assertThat(consumer.paused()).isEmpty();
        loop.step();
        finishWork();
        assertThat(logged("embedded-posts")).containsExactly("a", "b");
    }

    @Test
    void shouldAskAgainAfterAPauseWhenTheProviderIsAway() {
        workFailures.add(new ProviderUnavailableException("away"));
        workFailures.add(new ProviderUnavailableException("still away"));
        add(P0, 0, "a");
        loop.step();
        finishWork();

        for (int round = 0; round < 2; round++) {
            assertThat(log).isEmpty();
            assertThat(tasks).isEmpty();
            assertThat(consumer.paused()).isNotEmpty();
            tasksAfterPause.remove().run();
            loop.step();
        }

        assertThat(logged("embedded-posts")).containsExactly("a");
        assertThat(worked).containsExactly(1, 1, 1);
    }

    @Test
    void shouldEndWhenTheProviderIsMisconfiguredOrTheCodeIsWrong() {
        for (RuntimeException failure :
                List.of(new ProviderMisconfiguredException("bad key"), new IllegalStateException("bug"))) {
            workFailures.add(failure);
        }
        add(P0, 0, "a");
        loop.step();
        tasks.remove().run();

        assertThatThrownBy(loop::step).isInstanceOf(ProviderMisconfiguredException.class);
        assertThat(committed).isEmpty();
    }

    @Test
    void shouldDropThePostsOfAPartitionWhenItIsTakenAway() {
        add(P0, 0, "a");
        add(P1, 0, "b");
        loop.step();
        tasks.remove().run();

        consumer.rebalance(List.of(P0)); // MockConsumer tells of P1 alone, as the cooperative protocol does
        loop.step();

        assertThat(logged("embedded-posts")).containsExactly("a");
        assertThat(committed).containsOnlyKeys(P0);
    }

    @Test
    void shouldCommitNothingWhenAllPartitionsAreTakenAway() {
        add(P0, 0, "a");
        loop.step();
        tasks.remove().run();

        consumer.rebalance(List.of());
        loop.step();

        assertThat(log).isEmpty();
        assertThat(committed).isEmpty();
    }

    @Test
    void shouldNotTakePostsOfANewPartitionWhenAChunkIsInHand() {
        consumer.rebalance(List.of(P0));
        add(P0, 0, "a");
        loop.step();

        consumer.rebalance(List.of(P0, P1));
        add(P1, 0, "b");
        stepTimes(3);

        assertThat(tasks).hasSize(1);
        finishWork();
        loop.step();
        finishWork();
        assertThat(logged("embedded-posts")).containsExactly("a", "b");
    }

    @Test
    void shouldSendOnceMoreWithoutAskingTheModelWhenACommitFails() {
        add(P0, 0, "a");
        loop.step();
        tasks.remove().run();
        newProducersFailToBegin.add(new ProducerFencedException("the broker gave up on the transaction"));
        loop.step();
        assertThat(log).isEmpty();

        loop.step();

        assertThat(logged("embedded-posts")).containsExactly("a");
        assertThat(worked).containsExactly(1);
        assertThat(producers).hasSize(2);
        assertThat(producers.get(0).closed()).isTrue();
        assertThat(producers.get(1).transactionInitialized()).isTrue();
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void shouldSendNothingTwiceWhenACommitSucceedsButItsAnswerIsLost() {
        add(P0, 0, "a");
        add(P1, 0, "b");
        loop.step();
        commitsButFails = true;

        finishWork();
        stepTimes(3);

        assertThat(logged("embedded-posts")).containsExactlyInAnyOrder("a", "b");
        assertThat(producers).hasSize(2);
        add(P0, 1, "c");
        loop.step();
        finishWork();
        assertThat(logged("embedded-posts")).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void shouldReplaceWhatIsTooLargeByADeadLetterWhenTheRestGoesOn() {
        maxSize = 8;
        add(P0, 0, "small");
        add(P0, 1, "much too large");
        add(P0, 2, "small 2");
        add(P0, 3, "much too large 2");
        loop.step();

        finishWork(); // the first is refused as an embedded post
        stepTimes(4); // and as a dead letter with its value; then both for the other

        assertThat(logged("embedded-posts")).containsExactly("small", "small 2");
        assertThat(logged("posts.dead-letter")).containsExactly("null", "null");
        assertThat(committedOf(P0)).isEqualTo(4);
        assertThat(worked).containsExactly(4);
    }

    @Test
    void shouldEndWhenKafkaForbidsIt() {
        add(P0, 0, "a");
        loop.step();
        tasks.remove().run();
        newProducersFailToBegin.add(new TopicAuthorizationException("embedded-posts"));

        assertThatThrownBy(loop::step).isInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void shouldCommitTheLastChunkWhenItIsReadyAtTheEnd() throws Exception {
        add(P0, 0, "a");
        loop.step();
        tasks.remove().run();

        loop.finish(Duration.ofMillis(1));
        loop.close(Duration.ZERO);

        assertThat(logged("embedded-posts")).containsExactly("a");
        assertThat(consumer.closed()).isTrue();
        assertThat(producers.get(0).closed()).isTrue();
    }

    @Test
    void shouldLeaveTheLastChunkUncommittedWhenItIsNotReadyOrFailed() throws Exception {
        add(P0, 0, "a");
        loop.step();

        loop.finish(Duration.ofMillis(1));
        workFailures.add(new ProviderUnavailableException("away"));
        tasks.remove().run();
        loop.finish(Duration.ofMillis(1));
        loop.close(Duration.ZERO);

        assertThat(log).isEmpty();
        assertThat(committed).isEmpty();
    }
}
