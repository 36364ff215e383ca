package dev.sluice.embedder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings labelled texts into the next embedding space, as far as they lie on their topic and as they come: one batch at a
 * time, so that posts, whose calls wait in the same line for the quota, are never far behind. While a batch is out, nothing
 * more is taken and the polling goes on, however long the quota makes it wait. Records and offsets are one transaction; when it
 * fails, the group's offsets tell where to go on, and what was paid for lies in the cache. To be used by one thread.
 */
final class Reembedder {
    private static final Logger LOG = LoggerFactory.getLogger(Reembedder.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final ReembeddedTexts texts;
    private final Executor caller;
    private final EmbedderMeters meters;
    private Optional<Producer<byte[], byte[]>> producer = Optional.empty();
    private Optional<Batch> batch = Optional.empty();
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private boolean lostItsPlace;

    /** @param offsets where to go on after it, of the partitions that have been ours all the time since it began */
    private record Batch(Map<TopicPartition, Long> offsets, CompletableFuture<List<ReembeddedTexts.Output>> outputs) {}

    /**
     * @param producers give a new producer at each call, always with the same transactional id
     * @param caller runs one call at a time
     */
    Reembedder(
            Consumer<byte[], byte[]> consumer,
            Supplier<Producer<byte[], byte[]>> producers,
            ReembeddedTexts texts,
            Executor caller,
            EmbedderMeters meters) {
        this.consumer = consumer;
        this.producers = producers;
        this.texts = texts;
        this.caller = caller;
        this.meters = meters;
    }

    void subscribe() {
        consumer.subscribe(texts.inputs(), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                if (batch.isPresent()) {
                    consumer.pause(partitions);
                }
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
                partitions.forEach(committed::remove); // the next owner goes on where the group's offsets say
                batch.ifPresent(it -> it.offsets().keySet().removeAll(partitions)); // also if they come back meanwhile
            }
        });
    }

    /** Polls once; then does whatever has become possible. */
    void step() {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        consumer.poll(POLL).forEach(records::add);
        if (lostItsPlace) {
            goBack();
        } else if (batch.isEmpty() && records.isEmpty()) {
            notePlace();
        } else if (batch.isEmpty()) {
            begin(records);
        }
        settle();
    }

    /** Commits the batch that is out, if its answer is there. */
    void settle() {
        if (batch.isPresent() && batch.get().outputs().isDone()) {
            Batch done = batch.get();
            batch = Optional.empty();
            commit(done, done.outputs().join());
            consumer.resume(consumer.assignment());
        }
    }

    private void begin(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        records.forEach(
                record -> offsets.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1));
        CompletableFuture<List<ReembeddedTexts.Output>> outputs = new CompletableFuture<>();
        batch = Optional.of(new Batch(offsets, outputs));
        consumer.pause(consumer.assignment());
        caller.execute(() -> {
            try {
                outputs.complete(texts.of(records));
            } catch (Throwable e) { // of whatever kind: the thread that polls must hear of it
                outputs.completeExceptionally(e);
            }
        });
    }

    /** What has been taken of a partition that has gone since then is left to its new owner. */
    private void commit(Batch done, List<ReembeddedTexts.Output> outputs) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        done.offsets().forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        if (offsets.isEmpty()) {
            return;
        }
        List<ReembeddedTexts.Output> own = new ArrayList<>(outputs);
        own.removeIf(output -> !offsets.containsKey(output.partition()));
        while (!isSettled(own, offsets)) {
            LOG.debug("once more, with something smaller in place of what was too large");
        }
    }

    /** @return false if one of the outputs was too large, and has been replaced by something smaller */
    private boolean isSettled(List<ReembeddedTexts.Output> outputs, Map<TopicPartition, OffsetAndMetadata> offsets) {
        AtomicReference<ReembeddedTexts.Output> tooLarge = new AtomicReference<>();
        try {
            send(outputs, offsets, tooLarge);
            return true;
        } catch (KafkaException e) {
            LastingFailures.throwIfLasting(e);
            LOG.info("labelled texts could not be committed, which will be tried again: {}", e.getMessage());
            closeProducer(Duration.ZERO);
            Optional<ReembeddedTexts.Output> smaller =
                    Optional.ofNullable(tooLarge.get()).flatMap(texts::smaller);
            if (smaller.isPresent()) { // read once more, it would be as large again
                outputs.set(outputs.indexOf(tooLarge.get()), smaller.get());
                return false;
            }
            goBack();
            return true;
        }
    }

    private void send(
            List<ReembeddedTexts.Output> outputs,
            Map<TopicPartition, OffsetAndMetadata> offsets,
            AtomicReference<ReembeddedTexts.Output> tooLarge) {
        Producer<byte[], byte[]> sender = readyProducer();
        sender.beginTransaction();
        for (ReembeddedTexts.Output output : outputs) {
            var unused = sender.send(output.record(), (metadata, failure) -> {
                // The first alone is at fault: its failure is then given to every other record of the transaction.
                if (failure instanceof RecordTooLargeException) {
                    tooLarge.compareAndSet(null, output);
                }
            });
        }
        sender.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        sender.commitTransaction();
        offsets.forEach((partition, offset) -> committed.put(partition, offset.offset()));
        meters.reembedded(outputs.size());
    }

    private Producer<byte[], byte[]> readyProducer() {
        if (producer.isEmpty()) {
            Producer<byte[], byte[]> fresh = producers.get();
            producer = Optional.of(fresh);
            fresh.initTransactions();
        }
        return producer.get();
    }

    /** To where the group's offsets say. */
    private void goBack() {
        try {
            Map<TopicPartition, OffsetAndMetadata> places =
                    consumer.committed(new HashSet<>(consumer.assignment()), PATIENCE);
            for (TopicPartition partition : consumer.assignment()) {
                Optional.ofNullable(places.get(partition))
                        .ifPresentOrElse(
                                place -> consumer.seek(partition, place.offset()),
                                () -> consumer.seekToBeginning(List.of(partition)));
            }
            lostItsPlace = false;
        } catch (RetriableException e) {
            lostItsPlace = true;
            LOG.warn("where to go on is not known for now: {}", e.getMessage());
        }
    }

    /**
     * At the end of all that there is: a transaction's marker is no record, but takes an offset, and whoever asks how far the
     * group lies behind would see it there for ever.
     */
    private void notePlace() {
        Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
        try {
            for (TopicPartition partition : consumer.assignment()) {
                long place = consumer.position(partition, PATIENCE);
                if (place != committed.getOrDefault(partition, -1L)) {
                    moved.put(partition, new OffsetAndMetadata(place));
                }
            }
            if (!moved.isEmpty()) {
                consumer.commitSync(moved);
                moved.forEach((partition, place) -> committed.put(partition, place.offset()));
            }
        } catch (RetriableException | CommitFailedException | RebalanceInProgressException e) {
            LOG.debug("the place is noted later", e);
        }
    }

    private void closeProducer(Duration timeout) {
        producer.ifPresent(it -> it.close(timeout));
        producer = Optional.empty();
    }

    /** To be called when no call runs any more. */
    void close(Duration timeout) {
        try {
            consumer.close(CloseOptions.timeout(timeout)
                    .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        } finally {
            closeProducer(timeout);
        }
    }
}
