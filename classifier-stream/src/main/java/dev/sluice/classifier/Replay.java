package dev.sluice.classifier;

import dev.sluice.runtime.TopicLimits;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers embedded posts again, beside the classifiers that serve and without their knowledge: so posts that came before the
 * first model get theirs, and a version can be asked about the past. Each prediction carries the replay's name.
 *
 * <p>The range is fixed when a replay begins: what comes later is the service's. Predictions and offsets are one
 * transaction, in a consumer group of its own, and that group is all there is to remember; so a replay that was stopped in
 * whatever way goes on where it was, each post answered once. The price of asking nobody: readers of {@code predictions}
 * tell by {@code replay} that a post has a second answer. To be used by one thread.
 */
public final class Replay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration CLOSING = Duration.ofSeconds(1);
    private static final String NAME = "[A-Za-z0-9-]{1,64}";

    private final ReplayClients clients;
    private final Consumer<byte[], byte[]> consumer;
    private final Producer<byte[], byte[]> producer;
    private final ReplayPost answers;
    private final ReplayRange range;
    private final Map<PredictionStatus, Long> answered = new EnumMap<>(PredictionStatus.class);
    private long unreadable;

    /**
     * What a replay is to do.
     *
     * @param run its name: 1 to 64 letters, digits and hyphens, not used before
     * @param from posts that were embedded at or after this time
     * @param status only those whose newest prediction has this status; all if empty
     * @param version that is to answer; the live one if empty
     */
    public record Request(String run, Instant from, Optional<PredictionStatus> status, Optional<Integer> version) {
        /** @throws IllegalArgumentException if the name is none */
        public Request {
            if (!run.matches(NAME)) {
                throw new IllegalArgumentException("a replay's name has 1 to 64 letters, digits and hyphens: " + run);
            }
        }
    }

    /**
     * How far a replay is.
     *
     * @param passed offsets of {@code embedded-posts} that were looked at since the replay was begun or resumed
     * @param total offsets that there were to look at then
     * @param answered predictions written since then, by status
     * @param unreadable posts that nobody can classify; the service has made dead letters of them
     */
    public record Progress(long passed, long total, Map<PredictionStatus, Long> answered, long unreadable) {
        public Progress {
            answered = Map.copyOf(answered);
        }

        /** Predictions written. */
        public long predictions() {
            return answered.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /**
     * Fixes range and version, and writes them down with the first offsets; nothing is answered yet.
     *
     * @param posts so many at once, at most: a transaction each
     * @throws RefusedReplayException if no version can answer, or there is such a replay already
     * @throws KafkaException if the brokers do not answer
     */
    public static Replay begin(ClassifierConfig config, Request request, int posts, Clock clock) {
        ReplayClients clients = ReplayClients.of(config, request.run());
        return open(clients, posts, (consumer, producer) -> {
            ReplayTopics topics = new ReplayTopics(consumer, config.topics(), config.trust());
            Map<TopicPartition, Long> ends =
                    topics.ends(config.topics().embeddedPosts().name());
            if (!notesOf(consumer, ends).isEmpty()) {
                throw new RefusedReplayException("there is a replay " + request.run() + " already: resume it");
            }
            Serving serving = topics.version(request.version());
            ReplayNote note = new ReplayNote(request.from(), request.status(), serving.version(), 0);
            Map<TopicPartition, OffsetAndMetadata> starts = new HashMap<>();
            CommittedRecords.since(consumer, ends, request.from())
                    .forEach((partition, start) -> starts.put(
                            partition,
                            new OffsetAndMetadata(
                                    start, note.withEnd(ends.get(partition)).text())));
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(starts, consumer.groupMetadata());
            producer.commitTransaction();
            return new Replay(
                    clients, consumer, producer, topics, new ReplayRange(starts), serving, request.run(), clock);
        });
    }

    /**
     * Goes on with a replay that was stopped, or killed, or runs elsewhere: that one may not write any more.
     *
     * @param posts so many at once, at most: a transaction each
     * @throws RefusedReplayException if there is no such replay, or its version is gone
     * @throws KafkaException if the brokers do not answer
     */
    public static Replay resume(ClassifierConfig config, String run, int posts, Clock clock) {
        ReplayClients clients = ReplayClients.of(config, run);
        return open(clients, posts, (consumer, producer) -> {
            ReplayTopics topics = new ReplayTopics(consumer, config.topics(), config.trust());
            Map<TopicPartition, OffsetAndMetadata> offsets = notesOf(
                    consumer, topics.ends(config.topics().embeddedPosts().name()));
            if (offsets.isEmpty()) {
                throw new RefusedReplayException(
                        "there is no replay " + run + " to go on with: it has ended, or never began");
            }
            ReplayRange range = new ReplayRange(offsets);
            Serving serving = topics.version(Optional.of(range.note().version()));
            return new Replay(clients, consumer, producer, topics, range, serving, run, clock);
        });
    }

    private interface Opening {
        Replay open(Consumer<byte[], byte[]> consumer, Producer<byte[], byte[]> producer);
    }

    private static Replay open(ReplayClients clients, int posts, Opening opening) {
        Consumer<byte[], byte[]> consumer = clients.consumer(posts);
        Producer<byte[], byte[]> producer = clients.producer();
        try {
            producer.initTransactions(); // whoever was at it may write no more; then the offsets are the last word
            return opening.open(consumer, producer);
        } catch (RuntimeException e) {
            producer.close(Duration.ZERO);
            consumer.close(CloseOptions.timeout(Duration.ZERO));
            throw e;
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> notesOf(
            Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> partitions) {
        Map<TopicPartition, OffsetAndMetadata> notes = new HashMap<>(consumer.committed(partitions.keySet()));
        notes.values().removeIf(offset -> offset == null);
        return notes;
    }

    private Replay(
            ReplayClients clients,
            Consumer<byte[], byte[]> consumer,
            Producer<byte[], byte[]> producer,
            ReplayTopics topics,
            ReplayRange range,
            Serving serving,
            String run,
            Clock clock) {
        this.clients = clients;
        this.consumer = consumer;
        this.producer = producer;
        this.range = range;
        this.answers = answersOf(clients.config(), topics, range.note(), serving, run, clock);
        consumer.assign(range.partitions());
        range.positions().forEach(consumer::seek);
        consumer.pause(range.done());
    }

    private static ReplayPost answersOf(
            ClassifierConfig config, ReplayTopics read, ReplayNote note, Serving serving, String run, Clock clock) {
        Topics topics = config.topics();
        boolean json = config.originals().containsKey(ClassifierConfig.PREDICTIONS_FORMAT)
                ? config.predictionsAsJson()
                : read.newestIsJson();
        return new ReplayPost(
                topics.embeddedPosts().codec(),
                topics.predictions().name(),
                serving,
                new PredictionWriter(topics.predictions().codec(), topics.classifier(), json, config.textCharacters()),
                new RecordSizes(
                        new TopicLimits(topics),
                        "prediction",
                        topics.predictions().name()),
                run,
                note.from(),
                note.status().map(status -> read.sources(status, note.from())),
                config.minConfidence(),
                clock);
    }

    /** The replay's name, by which it is resumed. */
    public String run() {
        return answers.run();
    }

    /** The version that answers. */
    public int version() {
        return answers.serving().version();
    }

    public Progress progress() {
        return new Progress(range.total() - range.ahead(), range.total(), answered, unreadable);
    }

    /**
     * Answers the next posts, in one transaction.
     *
     * @return whether there are more; if not, the brokers have forgotten the replay
     * @throws RefusedReplayException if somebody else has resumed it
     * @throws KafkaException if the brokers do not take it; the replay can be resumed
     */
    public boolean step() {
        List<ReplayPost.Answered> predictions = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            if (range.contains(record)) {
                answer(record).ifPresent(predictions::add);
            }
        }
        commit(predictions);
        consumer.pause(range.done());
        if (range.ahead() == 0) {
            forget();
        }
        return range.ahead() > 0;
    }

    private Optional<ReplayPost.Answered> answer(ConsumerRecord<byte[], byte[]> record) {
        try {
            return answers.answer(record);
        } catch (UnreadableRecordException e) {
            LOG.debug("passed over: {}", e.getMessage());
            unreadable++;
            return Optional.empty();
        }
    }

    private void commit(List<ReplayPost.Answered> predictions) {
        Map<TopicPartition, OffsetAndMetadata> offsets = range.progress(consumer::position);
        if (offsets.isEmpty()) {
            return;
        }
        try {
            producer.beginTransaction();
            for (ReplayPost.Answered each : predictions) {
                var unused = producer.send(each.prediction()); // what fails there fails the commit
            }
            producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
            producer.commitTransaction();
        } catch (ProducerFencedException | InvalidProducerEpochException e) {
            throw new RefusedReplayException("the replay " + run() + " goes on elsewhere: somebody resumed it", e);
        }
        range.committed(offsets);
        predictions.forEach(each -> answered.merge(each.status(), 1L, Long::sum));
    }

    /** The group has served: what is left of it would look like somebody who lies behind. */
    private void forget() {
        try (Admin admin = clients.admin()) {
            admin.deleteConsumerGroups(List.of(clients.group())).all().get();
        } catch (ExecutionException e) {
            LOG.warn("the group {} stays until its offsets expire: {}", clients.group(), e.getMessage());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** What is not committed yet will be answered when the replay is resumed. */
    @Override
    public void close() {
        producer.close(CLOSING);
        consumer.close(CloseOptions.timeout(CLOSING));
    }
}
