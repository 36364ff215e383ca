package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private static final Topics TOPICS = Topics.ofDefaults();
    private static final int MAX_CALLS = 3;
    private static final int MAX_POSTS = 20;

    /** A mock that fails as told, and shares what is committed with the consumer's mock, as a broker would. */
    private final class TransactionalProducer extends MockProducer<byte[], byte[]> {
        private int copied;
        private boolean tooLarge;

        TransactionalProducer() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            if (forbidden) {
                commitTransactionException = new KafkaException(
                        "in an error state", new TopicAuthorizationException(Set.of("embedded-posts")));
            }
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
    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-22T20:00:00Z"));
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final FakeEmbeddingModel model = new FakeEmbeddingModel();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Map<String, float[]> known = new HashMap<>();
    private int maxSize = Integer.MAX_VALUE;
    private boolean commitsButFails;
    private boolean forbidden;
    private final Deque<RuntimeException> newProducersFailToBegin = new ArrayDeque<>();

    private final EmbedLoop loop = new EmbedLoop(
            consumer,
            new PostsInHand(
                    new Drafts(
                            TOPICS.posts(),
                            TOPICS.embeddedPosts(),
                            new PostText(5000),
                            List.of(FakeEmbeddingModel.SPACE),
                            DeadLetters.of("embedder", TOPICS, Clock.systemUTC()),
                            Clock.systemUTC()),
                    text -> Optional.ofNullable(known.get(text)),
                    new WaitingTexts(new BatchLimits(2, 1_000_000, Duration.ZERO), List::size),
                    MAX_POSTS),
            new Calls(new AnswerTexts(model, List::size), tasks::add, MAX_CALLS),
            new OutputCommit(consumer, this::newProducer, new EmbedderMeters(registry)),
            new Quota(
                    new QuotaLimits(0, 0, 0, true, Duration.ofMinutes(1), 4),
                    512,
                    Clock.systemUTC(),
                    new EmbedderMeters(registry)),
            () -> false,
            time.clock(),
            new EmbedderMeters(registry));

    private Producer<byte[], byte[]> newProducer() {
        TransactionalProducer producer = new TransactionalProducer();
        producer.beginTransactionException = newProducersFailToBegin.poll();
        producers.add(producer);
        return producer;
    }

    @BeforeEach
    void assignBothPartitions() {
        loop.subscribe("posts");
        consumer.updateBeginningOffsets(Map.of(P0, 0L, P1, 0L));
        consumer.rebalance(List.of(P0, P1));
    }

    private void add(TopicPartition partition, long offset, String text) {
        consumer.addRecord(new ConsumerRecord<>(
                "posts",
                partition.partition(),
                offset,
                null,
                (text.startsWith("bad") ? text : "{\"text\":\"" + text + "\"}").getBytes(UTF_8)));
    }

    private void stepTimes(int times) {
        for (int i = 0; i < times; i++) {
            loop.step();
        }
    }

    /** Polls, and lets every call come to its end. */
    private void stepAndAnswer() {
        loop.step();
        answerAll();
    }

    private void answerAll() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
            loop.step();
        }
    }

    private List<String> embedded() {
        return log.stream()
                .filter(record -> record.topic().equals("embedded-posts"))
                .map(record ->
                        TOPICS.embeddedPosts().codec().decode(record.value()).getText())
                .toList();
    }

    private List<String> deadLetters() {
        return log.stream()
                .filter(record -> record.topic().equals("posts.dead-letter"))
                .map(record -> String.valueOf(record.value() == null ? null : new String(record.value(), UTF_8)))
                .toList();
    }

    private long committedOf(TopicPartition partition) {
        return committed.get(partition).offset();
    }

    @Test
    void shouldCommitOutputsAndOffsetsTogetherWhenTheAnswersAreThere() {
        add(P0, 0, "a");
        add(P0, 1, "bad b");
        add(P1, 0, "c");

        stepAndAnswer();

        assertThat(embedded()).containsExactlyInAnyOrder("a", "c");
        assertThat(deadLetters()).containsExactly("bad b");
        assertThat(committedOf(P0)).isEqualTo(2);
        assertThat(committedOf(P1)).isEqualTo(1);
        assertThat(producers).hasSize(1);
        assertThat(producers.get(0).commitCount()).isEqualTo(1);
        assertThat(registry.get("sluice.embedder.posts").counter().count()).isEqualTo(2);
        assertThat(registry.get("sluice.embedder.dead.letters")
                        .tag("reason", "UnreadableRecordException")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void shouldHoldUpOnlyItsOwnPartitionWhenACallIsSlow() {
        add(P0, 0, "slow 0");
        add(P0, 1, "slow 1");
        add(P1, 0, "quick 0");
        add(P1, 1, "quick 1");
        add(P1, 2, "quick 2");
        add(P0, 2, "late");
        loop.step();
        Runnable slow = tasks.remove();

        answerAll();

        assertThat(embedded()).containsExactly("quick 0", "quick 1", "quick 2");
        assertThat(committed).containsOnlyKeys(P1);
        slow.run();
        loop.step();
        assertThat(embedded()).endsWith("slow 0", "slow 1", "late");
        assertThat(committedOf(P0)).isEqualTo(3);
    }

    @Test
    void shouldKeepThePartitionsOrderWhenALaterCallIsAnsweredFirst() {
        for (int i = 0; i < 4; i++) {
            add(P0, i, "t" + i);
        }
        loop.step();
        Runnable first = tasks.remove();
        tasks.remove().run();
        loop.step();
        assertThat(log).isEmpty();

        first.run();
        loop.step();

        assertThat(embedded()).containsExactly("t0", "t1", "t2", "t3");
    }

    @Test
    void shouldMakeNoMoreCallsAtOnceThanAllowedAndPauseWhenEnoughIsInHand() {
        for (int i = 0; i < 20; i++) {
            add(P0, i, "t" + i);
        }

        stepTimes(5);

        assertThat(tasks).hasSize(MAX_CALLS);
        assertThat(consumer.paused()).containsExactly(P0);
        assertThat(producers).allMatch(producer -> !producer.transactionInFlight());
        add(P0, 20, "after");
        stepTimes(3);
        assertThat(tasks).hasSize(MAX_CALLS);

        answerAll();
        stepAndAnswer();
        assertThat(consumer.paused()).isEmpty();
        assertThat(embedded()).hasSize(21).endsWith("t19", "after");
    }

    @Test
    void shouldAskForATextOnceWhenItComesSeveralTimes() {
        add(P0, 0, "same");
        add(P0, 1, "same");
        add(P1, 0, "same");
        loop.step();
        add(P1, 1, "same");
        loop.step();

        answerAll();

        assertThat(model.calls).containsExactly(List.of("same"));
        assertThat(embedded()).containsExactly("same", "same", "same", "same");
    }

    @Test
    void shouldNotAskForATextWhenItsVectorIsKnown() {
        known.put("known", new float[] {1, 2});
        add(P0, 0, "known");

        stepTimes(2);

        assertThat(tasks).isEmpty();
        assertThat(embedded()).containsExactly("known");
    }

    @Test
    void shouldAskAllTheSameWhenThePartitionOfATextIsTakenAwayAndAnotherWaitsForIt() {
        loop.step(); // so that nothing is called yet
        for (int i = 0; i < 2 * MAX_CALLS; i++) {
            add(P0, i, "t" + i);
        }
        loop.step(); // all calls in flight, and more texts to come
        add(P0, 10, "same");
        loop.step();
        add(P1, 0, "same");
        loop.step();

        consumer.rebalance(List.of(P1));
        answerAll();

        assertThat(embedded()).containsExactly("same");
        assertThat(committed).containsOnlyKeys(P1);
    }

    @Test
    void shouldEndWhenTheProviderIsMisconfigured() {
        model.failures.add(new ProviderMisconfiguredException("bad key"));
        add(P0, 0, "a");
        loop.step();
        tasks.remove().run();

        assertThatThrownBy(loop::step).isInstanceOf(ProviderMisconfiguredException.class);
        assertThat(committed).isEmpty();
    }

    @Test
    void shouldCommitWhatIsReadyAndDropTheRestWhenAPartitionIsTakenAway() {
        add(P0, 0, "a");
        add(P1, 0, "b");
        add(P1, 1, "c");
        add(P1, 2, "d");
        loop.step();
        consumer.rebalance(List.of(P0)); // MockConsumer tells of P1 alone, as the cooperative protocol does

        answerAll();

        assertThat(embedded()).containsExactly("a");
        assertThat(committed).containsOnlyKeys(P0);
    }

    @Test
    void shouldCommitTheReadyPostsOfAPartitionBeforeItIsTakenAway() {
        add(P1, 0, "bad b");
        add(P1, 1, "open");
        tasks.clear();
        newProducersFailToBegin.add(new TimeoutException("not now"));
        loop.step(); // its commit fails, so that the dead letter is still in hand

        consumer.rebalance(List.of(P0));

        assertThat(deadLetters()).containsExactly("bad b");
        assertThat(committedOf(P1)).isEqualTo(1);
    }

    @Test
    void shouldCommitAnswersThatHaveJustComeWhenThePartitionIsTakenAway() {
        add(P1, 0, "b");
        add(P1, 1, "c");
        loop.step();
        tasks.remove().run();

        consumer.rebalance(List.of(P0));

        assertThat(embedded()).containsExactly("b", "c");
        assertThat(committedOf(P1)).isEqualTo(2);
    }

    @Test
    void shouldCommitNothingWhenAllPartitionsAreTakenAway() {
        add(P0, 0, "a");
        loop.step();

        consumer.rebalance(List.of());
        answerAll();

        assertThat(log).isEmpty();
        assertThat(committed).isEmpty();
    }

    @Test
    void shouldSendOnceMoreWithoutAskingTheModelWhenACommitFails() {
        add(P0, 0, "a");
        newProducersFailToBegin.add(new ProducerFencedException("the broker gave up on the transaction"));
        stepAndAnswer();
        loop.step();
        assertThat(log).isEmpty();
        assertThat(producers).hasSize(1);

        time.pass(Duration.ofMillis(500));
        loop.step();

        assertThat(embedded()).containsExactly("a");
        assertThat(model.calls).hasSize(1);
        assertThat(producers).hasSize(2);
        assertThat(producers.get(0).closed()).isTrue();
        assertThat(producers.get(1).transactionInitialized()).isTrue();
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void shouldSendNothingTwiceWhenACommitSucceedsButItsAnswerIsLost() {
        add(P0, 0, "a");
        add(P1, 0, "b");
        commitsButFails = true;

        stepAndAnswer();
        time.pass(Duration.ofSeconds(1));
        stepTimes(3);

        assertThat(embedded()).containsExactlyInAnyOrder("a", "b");
        assertThat(producers).hasSize(2);
        add(P0, 1, "c");
        stepAndAnswer();
        assertThat(embedded()).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void shouldReplaceWhatIsTooLargeByADeadLetterWhenTheRestGoesOn() {
        maxSize = 400;
        add(P0, 0, "small");
        add(P0, 1, "much too large".repeat(100));
        add(P0, 2, "small 2");
        add(P0, 3, "much too large 2".repeat(100));
        stepAndAnswer(); // the first is refused as an embedded post

        stepTimes(4); // and as a dead letter with its value; then both for the other

        assertThat(embedded()).containsExactly("small", "small 2");
        assertThat(deadLetters()).containsExactly("null", "null");
        assertThat(committedOf(P0)).isEqualTo(4);
        assertThat(model.calls).hasSize(2);
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
    void shouldEndWithTheRightThatIsMissingWhenARecordWasNotAllowed() {
        add(P0, 0, "a");
        loop.step();
        tasks.remove().run();
        forbidden = true;

        assertThatThrownBy(loop::step)
                .isInstanceOf(TopicAuthorizationException.class)
                .hasMessageContaining("embedded-posts");
        assertThat(committed).isEmpty();
    }

    @Test
    void shouldCommitWhatIsReadyAtTheEndAndLeaveTheRest() {
        add(P0, 0, "a");
        add(P1, 0, "b");
        add(P1, 1, "c");
        loop.step();
        tasks.remove().run();

        loop.finish();
        loop.close(Duration.ZERO);

        assertThat(embedded()).containsExactlyInAnyOrder("a", "b"); // one call holds two
        assertThat(committedOf(P1)).isEqualTo(1);
        assertThat(consumer.closed()).isTrue();
        assertThat(producers.get(0).closed()).isTrue();
    }
}
