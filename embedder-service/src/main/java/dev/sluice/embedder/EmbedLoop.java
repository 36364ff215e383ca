package dev.sluice.embedder;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Each post to exactly one record elsewhere, however slow the model and whatever fails. One chunk of posts is in hand at a
 * time: the model works on it in another thread while this one goes on polling with its partitions paused, so that the
 * group keeps its member; then {@link ChunkCommit} writes what came of it. The model is never called inside a transaction:
 * that would outlive the transaction's timeout. When a commit fails, the vectors in hand are kept: no post is paid for
 * twice.
 *
 * <p>Not safe for use by several threads.
 */
final class EmbedLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EmbedLoop.class);

    /** Longest wait of a step; a chunk that is ready cuts it short. */
    private static final Duration POLL = Duration.ofMillis(500);

    /** What turns records into outcomes: {@link EmbedPosts}. */
    interface Work {
        List<Outcome> of(List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException;
    }

    private final Consumer<byte[], byte[]> consumer;
    private final ChunkCommit commit;
    private final Work work;
    private final Executor worker;
    private final Executor workerAfterPause;

    private Optional<Chunk> inHand = Optional.empty();
    private CompletableFuture<List<Outcome>> outcomes = CompletableFuture.completedFuture(List.of());

    /**
     * @param worker runs the work, outside the loop's thread
     * @param workerAfterPause as worker, but begins after a pause
     */
    EmbedLoop(
            Consumer<byte[], byte[]> consumer,
            ChunkCommit commit,
            Work work,
            Executor worker,
            Executor workerAfterPause) {
        this.consumer = consumer;
        this.commit = commit;
        this.work = work;
        this.worker = worker;
        this.workerAfterPause = workerAfterPause;
    }

    void subscribe(String topic) {
        consumer.subscribe(List.of(topic), new ChunkKeeper(consumer, () -> inHand));
    }

    /** Polls once; takes a chunk if there is one, commits the one in hand if it is ready. */
    void step() {
        ConsumerRecords<byte[], byte[]> polled = poll();
        if (!polled.isEmpty()) {
            take(Chunk.of(polled));
        } else if (inHand.isPresent() && outcomes.isDone()) {
            settle(inHand.get());
        }
    }

    private ConsumerRecords<byte[], byte[]> poll() {
        try {
            return consumer.poll(POLL);
        } catch (WakeupException e) { // a chunk is ready, or the service closes
            return ConsumerRecords.empty();
        }
    }

    private void take(Chunk chunk) {
        if (inHand.isPresent()) {
            throw new IllegalStateException("posts came while all partitions were paused: " + chunk);
        }
        consumer.pause(consumer.assignment());
        inHand = Optional.of(chunk);
        workOn(chunk, worker);
    }

    private void workOn(Chunk chunk, Executor executor) {
        List<ConsumerRecord<byte[], byte[]>> records = chunk.records();
        CompletableFuture<List<Outcome>> promise = new CompletableFuture<>();
        outcomes = promise;
        executor.execute(() -> {
            try {
                promise.complete(work.of(records));
            } catch (Throwable e) { // of whatever kind: the loop's thread must hear of it
                promise.completeExceptionally(e);
            }
            consumer.wakeup();
        });
    }

    private void settle(Chunk chunk) {
        try {
            Optional<List<Outcome>> left = chunk.isEmpty() ? Optional.empty() : commit.attempt(chunk, outcomes.join());
            left.ifPresentOrElse(it -> outcomes = CompletableFuture.completedFuture(it), this::letGo);
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof ProviderUnavailableException)) {
                throw e.getCause() instanceof RuntimeException failure ? failure : e;
            }
            LOG.warn(
                    "{} wait for the provider, which will be asked again: {}",
                    chunk,
                    e.getCause().getMessage());
            workOn(chunk, workerAfterPause);
        }
    }

    private void letGo() {
        inHand = Optional.empty();
        consumer.resume(consumer.assignment());
    }

    /** The last commit: what is in hand, if it is ready within the patience; else it stays uncommitted and is read again. */
    void finish(Duration patience) throws InterruptedException {
        if (inHand.isEmpty()) {
            return;
        }
        try {
            List<Outcome> last = outcomes.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (commit.attempt(inHand.get(), last).isEmpty()) {
                return;
            }
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("the last chunk is not ready", e);
        }
        LOG.info("{} stay for the next start", inHand.get());
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
