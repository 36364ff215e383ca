package dev.sluice.embedder;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Outcomes and offsets of a chunk in one transaction: both or neither.
 *
 * <p>When a commit fails, its fate may be unknown. A new producer under the same transactional id settles that (the broker
 * ends what the old one left open), and then the group's offsets tell what is still to be done. So there is one way back
 * from every failure, whether or not Kafka would let this one be aborted, and nothing is sent twice.
 *
 * <p>Source: KIP-98 (transactions), KIP-447 (offsets guarded by the group's generation).
 */
final class ChunkCommit {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkCommit.class);
    private static final Duration OFFSETS_TIMEOUT = Duration.ofSeconds(10);

    private final Consumer<byte[], byte[]> consumer;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final EmbedderMeters meters;
    private Optional<Producer<byte[], byte[]>> producer = Optional.empty();

    /** @param producers give a new producer at each call, always with the same transactional id */
    ChunkCommit(
            Consumer<byte[], byte[]> consumer, Supplier<Producer<byte[], byte[]>> producers, EmbedderMeters meters) {
        this.consumer = consumer;
        this.producers = producers;
        this.meters = meters;
    }

    /**
     * @return nothing if the chunk is dealt with; else the outcomes to try again with, in which one that proved too large
     *     is replaced by something smaller
     * @throws KafkaException if trying again is no use: this client may not do it, or the broker cannot
     */
    Optional<List<Outcome>> attempt(Chunk chunk, List<Outcome> outcomes) {
        AtomicReference<Outcome> tooLarge = new AtomicReference<>();
        try {
            send(chunk, outcomes, tooLarge);
            return Optional.empty();
        } catch (AuthorizationException
                | AuthenticationException
                | UnsupportedVersionException
                | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.atLevel(e instanceof CommitFailedException ? Level.INFO : Level.WARN) // the group was just changing
                    .log("{} could not be committed, which will be tried again: {}", chunk, e.getMessage());
            close(Duration.ZERO);
            return Optional.of(outcomes.stream()
                    .map(it -> it.equals(tooLarge.get()) ? it.tooLarge() : it)
                    .toList());
        }
    }

    private void send(Chunk chunk, List<Outcome> outcomes, AtomicReference<Outcome> tooLarge) {
        Producer<byte[], byte[]> sender = readyProducer(chunk);
        List<Outcome> wanted =
                outcomes.stream().filter(it -> chunk.holds(it.record())).toList();
        if (wanted.isEmpty()) {
            return;
        }
        sender.beginTransaction();
        for (Outcome outcome : wanted) {
            var unused = sender.send(outcome.output(), (metadata, failure) -> {
                // The first alone is at fault: its failure is then given to every other record of the transaction.
                if (failure instanceof RecordTooLargeException) {
                    tooLarge.compareAndSet(null, outcome);
                }
            });
        }
        sender.sendOffsetsToTransaction(chunk.nextOffsets(), consumer.groupMetadata());
        sender.commitTransaction();
        wanted.forEach(it -> it.refusal().ifPresentOrElse(meters::refused, meters::embedded));
    }

    /** A new producer ends what the old one left open; then it is known what was committed nevertheless. */
    private Producer<byte[], byte[]> readyProducer(Chunk chunk) {
        if (producer.isEmpty()) {
            Producer<byte[], byte[]> fresh = producers.get();
            producer = Optional.of(fresh);
            fresh.initTransactions();
            chunk.dropCommitted(consumer.committed(chunk.partitions(), OFFSETS_TIMEOUT));
        }
        return producer.get();
    }

    void close(Duration timeout) {
        producer.ifPresent(it -> it.close(timeout));
        producer = Optional.empty();
    }
}
