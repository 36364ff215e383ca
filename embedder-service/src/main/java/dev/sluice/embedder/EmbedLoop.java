package dev.sluice.embedder;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Each post to exactly one record elsewhere, however slow the model and whatever fails. This thread polls, gathers texts
 * into calls ({@link WaitingTexts}), has them made in other threads ({@link Calls}), and commits what has become of each
 * partition's first posts ({@link OutputCommit}), so the order of a partition is kept and a slow call holds up only its own.
 * The model is never called inside a transaction, which would outlive its timeout. A partition with enough posts in hand
 * is paused, and the polling goes on: however long the provider makes us wait, the group keeps its member.
 *
 * <p>Not safe for use by several threads.
 */
final class EmbedLoop {
    /** With nothing in hand; a post that comes cuts it short. */
    private static final Duration IDLE_POLL = Duration.ofMillis(200);

    /** With calls in flight: how late their answers may be noticed. */
    private static final Duration BUSY_POLL = Duration.ofMillis(10);

    /** How old what is noted of the quota may become while nothing is ready to be committed. */
    private static final Duration NOTES_EVERY = Duration.ofSeconds(5);

    private static final Duration COUNT_EVERY = Duration.ofSeconds(5);

    /** Before a commit that failed is tried again. */
    private static final Duration COMMIT_PAUSE = Duration.ofMillis(500);

    private final Consumer<byte[], byte[]> consumer;
    private final PostsInHand inHand;
    private final Calls calls;
    private final OutputCommit commit;
    private final Quota quota;
    private final BooleanSupplier isProviderAway;
    private final Clock clock;
    private final EmbedderMeters meters;
    private final PartitionKeeper keeper;
    private Instant committedAt;
    private Instant countedAt;
    private Optional<Instant> failedAt = Optional.empty();
    private Map<TopicPartition, String> lastNotes = Map.of();

    /** @param isProviderAway whether calls in flight wait for more than their turn */
    EmbedLoop(
            Consumer<byte[], byte[]> consumer,
            PostsInHand inHand,
            Calls calls,
            OutputCommit commit,
            Quota quota,
            BooleanSupplier isProviderAway,
            Clock clock,
            EmbedderMeters meters) {
        this.consumer = consumer;
        this.inHand = inHand;
        this.calls = calls;
        this.commit = commit;
        this.quota = quota;
        this.isProviderAway = isProviderAway;
        this.clock = clock;
        this.meters = meters;
        this.keeper = new PartitionKeeper(consumer, inHand, calls, commit, quota);
        this.committedAt = clock.instant();
        this.countedAt = committedAt;
    }

    void subscribe(String topic) {
        consumer.subscribe(List.of(topic), keeper);
    }

    /** Polls once; then does whatever has become possible. */
    void step() {
        long now = clock.millis();
        boolean busy = (calls.areRunning() || !inHand.isEmpty()) && !isProviderAway.getAsBoolean();
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(busy ? BUSY_POLL : IDLE_POLL);
        meters.received(polled.count());
        polled.forEach(record -> inHand.add(record, now));
        settleAnswers();
        startCalls();
        commitWhatIsReady();
        pauseWhatIsFull();
        if (hasPassed(COUNT_EVERY, countedAt)) {
            keeper.count();
            countedAt = clock.instant();
        }
    }

    private void settleAnswers() {
        calls.failure().ifPresent(failure -> {
            throw failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
        });
        calls.fetch().forEach(it -> inHand.answered(it.text(), it.answer()));
    }

    private void startCalls() {
        while (calls.hasRoom() && quota.hasNoted()) {
            Optional<List<TextInHand>> call = inHand.nextCall(clock.millis());
            if (call.isEmpty()) {
                return;
            }
            calls.start(call.get());
        }
    }

    private void commitWhatIsReady() {
        if (failedAt.filter(it -> !hasPassed(COMMIT_PAUSE, it)).isPresent()) {
            return;
        }
        Map<TopicPartition, String> notes = notesDue() ? notes() : lastNotes;
        if (!inHand.hasReady() && quota.hasNoted() && notes.equals(lastNotes)) {
            return;
        }
        OutputCommit.Result result = commit.attempt(
                inHand, inHand.partitions(), quota.isLimited() ? Optional.of(quota::note) : Optional.empty());
        failedAt = result == OutputCommit.Result.TRY_LATER ? Optional.of(clock.instant()) : Optional.empty();
        if (result == OutputCommit.Result.COMMITTED) {
            quota.setNoted();
            lastNotes = notes;
            committedAt = clock.instant();
        }
    }

    private boolean notesDue() {
        return quota.isLimited() && hasPassed(NOTES_EVERY, committedAt);
    }

    private Map<TopicPartition, String> notes() {
        return inHand.partitions().stream()
                .collect(Collectors.toMap(it -> it, partition -> quota.note(partition.partition())));
    }

    /** Also if the clock was set back. */
    private boolean hasPassed(Duration duration, Instant since) {
        return Duration.between(since, clock.instant()).abs().compareTo(duration) >= 0;
    }

    private void pauseWhatIsFull() {
        Set<TopicPartition> paused = consumer.paused();
        Set<TopicPartition> full =
                consumer.assignment().stream().filter(inHand::isFull).collect(Collectors.toSet());
        consumer.resume(paused.stream().filter(it -> !full.contains(it)).toList());
        consumer.pause(full.stream().filter(it -> !paused.contains(it)).toList());
    }

    /** The last commit, of what is ready by now; the rest stays uncommitted and is read again at the next start. */
    void finish() {
        settleAnswers();
        keeper.giveUp(inHand.partitions());
    }

    /** Leaves the group, so that others take over at once. */
    void close(Duration timeout) {
        try {
            consumer.close(CloseOptions.timeout(timeout)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        } finally {
            commit.close(timeout);
        }
    }
}
