package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the use of a quota travels beside a partition's offset. */
class PartitionKeeperTest {
    private static final TopicPartition P0 = new TopicPartition("posts", 0);
    private static final TopicPartition P1 = new TopicPartition("posts", 1);
    private static final TopicPartition P2 = new TopicPartition("posts", 2);
    private static final TopicPartition P3 = new TopicPartition("posts", 3);
    private static final Topics TOPICS = Topics.ofDefaults();
    private static final QuotaLimits TEN_A_MINUTE = new QuotaLimits(10, 0, 0, true, Duration.ofMinutes(1), 4);
    private static final QuotaLimits NONE = new QuotaLimits(0, 0, 0, true, Duration.ofMinutes(1), 4);

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-22T20:00:00Z"));
    private final EmbedderMeters meters = new EmbedderMeters(new SimpleMeterRegistry());

    /** What the group's coordinator holds. */
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();

    private boolean coordinatorIsAway;
    private int offsetsAnswered = Integer.MAX_VALUE;
    private boolean metadataIsAway;

    /** An instance with two clients of its own. */
    private final class Member {
        final Quota quota;
        final PartitionKeeper keeper;
        final MockConsumer<byte[], byte[]> consumer;
        boolean producersFail;

        Member(QuotaLimits limits) {
            quota = new Quota(limits, 512, time.clock(), time::nanos, meters);
            consumer = new MockConsumer<>("earliest") {
                @Override
                public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
                        Set<TopicPartition> partitions, Duration timeout) {
                    if (coordinatorIsAway || offsetsAnswered-- <= 0) {
                        throw new TimeoutException("the coordinator is away");
                    }
                    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                    partitions.forEach(partition -> offsets.put(partition, committed.get(partition)));
                    return offsets;
                }

                @Override
                public synchronized List<PartitionInfo> partitionsFor(String topic) {
                    if (metadataIsAway) {
                        throw new TimeoutException("no broker answers");
                    }
                    return super.partitionsFor(topic);
                }
            };
            topicHas(2);
            consumer.assign(List.of(P0, P1, P2, P3));
            consumer.updateBeginningOffsets(Map.of(P0, 7L, P1, 7L, P2, 7L, P3, 7L));
            PostsInHand inHand = new PostsInHand(
                    new Drafts(
                            TOPICS.posts(),
                            TOPICS.embeddedPosts(),
                            new PostText(5000),
                            List.of(FakeEmbeddingModel.SPACE),
                            DeadLetters.of("embedder", TOPICS, time.clock()),
                            time.clock()),
                    text -> Optional.empty(),
                    new WaitingTexts(new BatchLimits(2, 1000, Duration.ZERO), List::size),
                    10);
            OutputCommit commit = new OutputCommit(
                    consumer,
                    () -> new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                        @Override
                        public void commitTransaction() {
                            if (producersFail) {
                                throw new TimeoutException("the broker is away");
                            }
                            super.commitTransaction();
                            List<Map<String, Map<TopicPartition, OffsetAndMetadata>>> history =
                                    consumerGroupOffsetsHistory();
                            history.get(history.size() - 1).values().forEach(committed::putAll);
                        }
                    },
                    meters);
            keeper = new PartitionKeeper(
                    consumer,
                    inHand,
                    new Calls(new AnswerTexts(new FakeEmbeddingModel(), List::size), Runnable::run, 1),
                    commit,
                    quota);
        }

        /** As its client knows it. */
        void topicHas(int partitions) {
            consumer.updatePartitions(
                    "posts",
                    IntStream.range(0, partitions)
                            .mapToObj(i -> new PartitionInfo("posts", i, Node.noNode(), new Node[0], new Node[0]))
                            .toList());
        }

        /** Makes every call of one text that is allowed in this time. */
        int callsWithin(int seconds) {
            int calls = calls();
            for (int second = 0; second < seconds; second++) {
                time.pass(Duration.ofSeconds(1));
                calls += calls();
            }
            return calls;
        }

        int calls() {
            for (int calls = 0; ; calls++) {
                Optional<Permit> permit = quota.ask(List.of("text")).permit();
                if (permit.isEmpty()) {
                    return calls;
                }
                permit.get().close();
            }
        }
    }

    @Test
    void shouldNoteThatItHoldsAPartitionBeforeItMakesACall() {
        Member member = new Member(TEN_A_MINUTE);

        member.keeper.onPartitionsAssigned(List.of(P0, P1));

        assertThat(committed).containsOnlyKeys(P0, P1);
        assertThat(committed.get(P0).offset()).isEqualTo(7);
        assertThat(committed.get(P0).metadata()).startsWith("q1 h");
    }

    @Test
    void shouldHandOverWhatIsUsedWhenAPartitionGoesToAnother() {
        Member one = new Member(TEN_A_MINUTE);
        Member other = new Member(TEN_A_MINUTE);
        one.keeper.onPartitionsAssigned(List.of(P0, P1));
        assertThat(one.callsWithin(58)).isEqualTo(10);

        one.keeper.onPartitionsRevoked(List.of(P1));
        assertThat(committed.get(P1).metadata()).startsWith("q1 r");
        other.keeper.onPartitionsAssigned(List.of(P1));

        assertThat(committed.get(P1).metadata()).startsWith("q1 h");
        assertThat(committed.get(P1).offset()).isEqualTo(7);
        assertThat(other.calls()).isZero(); // the first use of P1's share is not yet a minute ago
        assertThat(other.callsWithin(61)).isBetween(5, 6);
    }

    @Test
    void shouldGiveTheWholeShareWhenThePartitionWasGivenUpUnused() {
        Member one = new Member(TEN_A_MINUTE);
        one.keeper.onPartitionsAssigned(List.of(P0, P1));
        one.keeper.onPartitionsRevoked(List.of(P0, P1));

        assertThat(committed.get(P0).metadata()).startsWith("q1 r");
        Member other = new Member(TEN_A_MINUTE);
        other.keeper.onPartitionsAssigned(List.of(P0, P1));
        assertThat(other.calls()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"killed", "coordinator away", "foreign metadata"})
    void shouldExpectTheWorstWhenWhatWasUsedIsUnknown(String what) {
        Member one = new Member(TEN_A_MINUTE);
        one.keeper.onPartitionsAssigned(List.of(P0, P1));
        Member other = new Member(TEN_A_MINUTE);
        if (what.equals("coordinator away")) {
            one.keeper.onPartitionsRevoked(List.of(P0, P1));
            coordinatorIsAway = true;
        } else if (what.equals("foreign metadata")) {
            committed.replaceAll((partition, offset) -> new OffsetAndMetadata(offset.offset(), "by another tool"));
        }

        other.keeper.onPartitionsAssigned(List.of(P0, P1));
        other.quota.setNoted(); // as the loop does once the coordinator is back

        assertThat(other.calls()).isZero();
        time.pass(Duration.ofSeconds(61));
        assertThat(other.calls()).isPositive();
    }

    @Test
    void shouldSpendNothingMoreOfAPartitionWhenTheCommitThatGivesItUpFails() {
        Member one = new Member(TEN_A_MINUTE);
        one.keeper.onPartitionsAssigned(List.of(P0, P1));
        one.producersFail = true;

        one.keeper.onPartitionsRevoked(List.of(P0, P1));

        assertThat(one.calls()).isZero();
        assertThat(committed.get(P0).metadata()).startsWith("q1 h"); // so the next owner expects the worst
    }

    @Test
    void shouldMakeNoCallsUntilItIsNotedThatAPartitionIsHeld() {
        Member one = new Member(TEN_A_MINUTE);
        one.producersFail = true;

        one.keeper.onPartitionsAssigned(List.of(P0));
        assertThat(one.calls()).isZero();
        one.producersFail = false;
        one.keeper.onPartitionsAssigned(List.of(P1)); // which says nothing of the first
        assertThat(one.calls()).isZero();

        one.quota.setNoted();
        assertThat(one.calls()).isPositive();
    }

    @Test
    void shouldTakeAPartitionThatItsOldMetadataDoesNotKnow() {
        Member one = new Member(TEN_A_MINUTE);

        one.keeper.onPartitionsAssigned(List.of(new TopicPartition("posts", 2)));

        assertThat(one.quota.note(2)).startsWith("q1 h");
    }

    @Test
    void shouldSpendLessOfItsOldPartitionsWhenOthersGetNewOnes() {
        Member one = new Member(TEN_A_MINUTE);
        one.keeper.onPartitionsAssigned(List.of(P0, P1));

        one.topicHas(4);
        one.keeper.count();

        assertThat(one.callsWithin(59)).isEqualTo(5);
    }

    @Test
    void shouldCountAlsoWhenARebalanceBringsNoPartition() {
        Member one = new Member(TEN_A_MINUTE);
        one.keeper.onPartitionsAssigned(List.of(P0, P1));

        one.topicHas(4);
        one.keeper.onPartitionsAssigned(List.of());

        assertThat(one.callsWithin(59)).isEqualTo(5);
    }

    @Test
    void shouldKeepTheQuotaWhenPartitionsAreAddedAndAnotherKnowsOfThemLate() {
        Member old = new Member(TEN_A_MINUTE);
        old.keeper.onPartitionsAssigned(List.of(P0, P1));
        Member other = new Member(TEN_A_MINUTE);
        other.topicHas(4);
        other.keeper.onPartitionsAssigned(List.of(P2, P3));

        Deque<Integer> minute = new ArrayDeque<>();
        int most = 0;
        for (int second = 0; second < 240; second++) {
            if (second == 25) { // as late as it can be
                old.topicHas(4);
                old.keeper.count();
            }
            // The old shares are spent as late as can be, too.
            minute.add((second < 24 ? 0 : old.calls()) + other.calls());
            if (minute.size() > 60) {
                minute.remove();
            }
            most = Math.max(most, minute.stream().mapToInt(it -> it).sum());
            time.pass(Duration.ofSeconds(1));
        }

        assertThat(most).isEqualTo(10);
        assertThat(other.callsWithin(60)).isBetween(5, 6); // the new partitions have their part in the end
    }

    @ParameterizedTest
    @ValueSource(strings = {"offsets of all", "number of partitions"})
    void shouldTakePartitionsForAddedWhenItCannotBeKnown(String notAnswered) {
        // given: the offsets of its own partitions are told, and nothing more
        Member one = new Member(TEN_A_MINUTE);
        one.keeper.onPartitionsAssigned(List.of(P0, P1));
        Member other = new Member(TEN_A_MINUTE);
        other.topicHas(4);
        if (notAnswered.equals("offsets of all")) {
            offsetsAnswered = 1;
        } else {
            metadataIsAway = true;
        }

        // when
        other.keeper.onPartitionsAssigned(List.of(P2, P3));
        other.quota.setNoted(); // as the loop does once the broker is back

        // then: nothing while others may spend their old shares
        assertThat(other.callsWithin(60)).isZero();
        time.pass(Duration.ofMinutes(3));
        assertThat(other.calls()).isPositive();
    }

    @Test
    void shouldExpectTheWorstWhenItIsNotKnownHowSmallItsShareIs() {
        Member one = new Member(TEN_A_MINUTE);
        one.keeper.onPartitionsAssigned(List.of(P0, P1));
        one.keeper.onPartitionsRevoked(List.of(P0, P1));
        Member other = new Member(TEN_A_MINUTE);
        metadataIsAway = true;

        other.keeper.onPartitionsAssigned(List.of(P0));
        metadataIsAway = false;
        other.keeper.count();

        assertThat(other.callsWithin(58)).isZero();
        assertThat(other.callsWithin(61)).isBetween(5, 6);
    }

    @Test
    void shouldGoOnWithWhatItKnowsWhenTheNumberOfPartitionsIsNotTold() {
        Member one = new Member(TEN_A_MINUTE);
        one.keeper.onPartitionsAssigned(List.of(P0, P1));
        metadataIsAway = true;
        one.topicHas(4);

        one.keeper.count();
        metadataIsAway = false;
        one.keeper.count();

        assertThat(one.callsWithin(59)).isEqualTo(5);
    }

    @Test
    void shouldSpendAtOnceWhenNobodyEverHadAPartition() {
        Member one = new Member(TEN_A_MINUTE);
        one.topicHas(4);

        one.keeper.onPartitionsAssigned(List.of(P0, P1, P2, P3));

        assertThat(one.calls()).isPositive();
    }

    @Test
    void shouldCommitNothingWhenThereIsNoQuota() {
        Member member = new Member(NONE);

        member.keeper.onPartitionsAssigned(List.of(P0, P1));
        member.keeper.onPartitionsRevoked(List.of(P0, P1));

        assertThat(committed).isEmpty();
    }
}
