package dev.sluice.embedder;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Each post to exactly one record elsewhere, however slow the model and whatever fails. One chunk of posts is in hand at a
 * time: the model works on it in another thread while this one goes on polling with its partitions paused, so that the
 * group keeps its member; then outputs and offsets are committed in one transaction. The model is never called inside a
 * transaction: that would outlive the transaction's timeout.
 *
 * <p>When a commit fails, its fate may be unknown. A new producer under the same transactional id settles that (the broker
 * ends what the old one left open), and then the group's offsets tell what is still to be done. The vectors in hand are
 * kept: no post is paid for twice.
 *
 * <p>Not safe for use by several threads.
 */
final class EmbedLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EmbedLoop.class);

    /** Longest wait of a step; a chunk that is ready cuts it short. */
    private static final Duration POLL = Duration.ofMillis(500);

    private static final Duration OFFSETS_TIMEOUT = Duration.ofSeconds(10);

    /** What turns records into outcomes: {@link EmbedPosts}. */
    interface Work {
        List<Outcome> of(List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException;
    }

    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final Work work;
    private final Executor worker;
    private final Executor workerAfterPause;
    private final EmbedderMeters meters;

    private Optional<Producer<byte[], byte[]>> producer = Optional.empty();
    private Optional<Chunk> inHand = Optional.empty();
    private CompletableFuture<List<Outcome>> outcomes = CompletableFuture.completedFuture(List.of());

    /**
     * @param producers give a new producer at each call, always with the same transactional id
     * @param worker runs the work, outside the loop's thread
     * @param workerAfterPause as worker, but begins after a pause
     */
    EmbedLoop(
            Consumer<byte[], byte[]> consumer,
            Supplier<Producer<byte[], byte[]>> producers,
            Work work,
            Executor worker,
            Executor workerAfterPause,
            EmbedderMeters meters) {
        this.consumer = consumer;
        this.producers = producers;
        this.work = work;
        this.worker = worker;
        this.workerAfterPause = workerAfterPause;
        this.meters = meters;
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
            if (chunk.isEmpty() || commit(chunk, outcomes.join())) {
                inHand = Optional.empty();
                consumer.resume(consumer.assignment());
            }
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

    /** @return whether the chunk is dealt with; if not, {@link #outcomes} holds what to try next */
    private boolean commit(Chunk chunk, List<Outcome> results) {
        Queue<Outcome> tooLarge = new ConcurrentLinkedQueue<>();
        try {
            Producer<byte[], byte[]> sender = readyProducer(chunk);
            List<Outcome> wanted =
                    results.stream().filter(it -> chunk.holds(it.record())).toList();
            if (wanted.isEmpty()) {
                return true;
            }
            sender.beginTransaction();
            for (Outcome outcome : wanted) {
                var unused = sender.send(outcome.output(), (metadata, failure) -> {
                    if (failure instanceof RecordTooLargeException) {
                        tooLarge.add(outcome);
                    }
                });
            }
            sender.sendOffsetsToTransaction(chunk.nextOffsets(), consumer.groupMetadata());
            sender.commitTransaction();
            wanted.forEach(it -> it.refusal().ifPresentOrElse(meters::refused, meters::embedded));
            return true;
        } catch (AuthorizationException
                | AuthenticationException
                | UnsupportedVersionException
                | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.atLevel(e instanceof CommitFailedException ? Level.INFO : Level.WARN) // the group was just changing
                    .log("{} could not be committed, which will be tried again: {}", chunk, e.getMessage());
            dropProducer();
            outcomes = CompletableFuture.completedFuture(results.stream()
                    .map(it -> tooLarge.contains(it) ? it.tooLarge() : it)
                    .toList());
            return false;
        }
    }

    /** After a failure: ends what the old producer left open, then asks what was committed nevertheless. */
    private Producer<byte[], byte[]> readyProducer(Chunk chunk) {
        if (producer.isEmpty()) {
            Producer<byte[], byte[]> fresh = producers.get();
            producer = Optional.of(fresh);
            fresh.initTransactions();
            chunk.dropCommitted(consumer.committed(chunk.partitions(), OFFSETS_TIMEOUT));
        }
        return producer.get();
    }

    private void dropProducer() {
        producer.ifPresent(it -> it.close(Duration.ZERO));
        producer = Optional.empty();
    }

    /** The last commit: what is in hand, if it is ready within the patience; else it stays uncommitted and is read again. */
    void finish(Duration patience) throws InterruptedException {
        if (inHand.isEmpty()) {
            return;
        }
        try {
            commit(inHand.get(), outcomes.get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException | ExecutionException e) {
            LOG.info("{} stay for the next start", inHand.get());
        }
    }

    /** Leaves the group, so that others take over at once. */
    void close(Duration timeout) {
        try {
            consumer.close(CloseOptions.timeout(timeout)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        } finally {
            producer.ifPresent(it -> it.close(timeout));
        }
    }
}
