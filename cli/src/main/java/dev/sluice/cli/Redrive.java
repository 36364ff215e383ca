package dev.sluice.cli;

import dev.sluice.runtime.TopicLimits;
import dev.sluice.schemas.TopicCreation;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/**
 * Sends dead letters again, each once: those of one poll go in one transaction with the note that they are settled. Of two
 * that are at it at once the later takes over, and begins with what the earlier has noted. What comes back while it runs
 * lies behind the end that it goes to, so nothing goes in circles.
 */
final class Redrive implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration CLOSING = Duration.ofSeconds(3);
    private static final int ROOM = 256 * 1024;

    private final Connection connection;
    private final Topics topics;
    private final LetterFilter filter;
    private final Optional<Producer<byte[], byte[]>> producer;
    private final SettledLetters settled;
    private final RedrivePolicy policy;
    private final Consumer<byte[], byte[]> letters;
    private final Map<TopicPartition, Long> begins;
    private final Map<TopicPartition, Long> ends;
    private final Map<TopicPartition, Long> lastPolled = new HashMap<>();
    private final Map<String, Integer> partitions = new HashMap<>();
    private final Map<String, Result> results = new TreeMap<>();

    /** What became of the letters of one topic that were meant. */
    static final class Result {
        private long sent;
        private final Map<RedrivePolicy.Stays, Long> stay = new EnumMap<>(RedrivePolicy.Stays.class);

        long sent() {
            return sent;
        }

        Map<RedrivePolicy.Stays, Long> stay() {
            return stay;
        }
    }

    /**
     * @param names topics of letters, which exist
     * @param again see {@link RedrivePolicy}
     * @param dry whether to look only
     */
    Redrive(Connection connection, Set<String> names, LetterFilter filter, boolean again, boolean dry) {
        this.connection = connection;
        this.topics = connection.topics();
        this.filter = filter;
        this.producer = dry ? Optional.empty() : Optional.of(takeOver(connection));
        try {
            this.settled = SettledLetters.read(connection, topics);
            Successors successors = new Successors();
            this.policy = new RedrivePolicy(
                    topics, settled, successors, TopicLimits.found(connection.admin(), topics), again);
            if (!again) {
                readSuccessors(names, successors);
            }
            this.letters = connection.consumer(names);
        } catch (RuntimeException e) {
            producer.ifPresent(it -> it.close(Duration.ZERO));
            throw e;
        }
        begins = letters.beginningOffsets(letters.assignment());
        ends = letters.endOffsets(letters.assignment());
        letters.seekToBeginning(letters.assignment());
    }

    /** From now on nobody else is at it, and what was committed is the last word. */
    private static Producer<byte[], byte[]> takeOver(Connection connection) {
        Topics topics = connection.topics();
        try {
            if (!connection.topicNames().contains(topics.settledLetters())) {
                TopicCreation.createSettledLetters(connection.admin(), topics);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
        Producer<byte[], byte[]> producer = connection.transactionalProducer(
                topics.prefix() + "sluice-dlq", Math.max(Topics.MAX_NESTED_POST_BYTES, topics.maxModelBytes()) + ROOM);
        try {
            producer.initTransactions();
            return producer;
        } catch (RuntimeException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    private void readSuccessors(Set<String> names, Successors successors) {
        Set<String> compacted = new HashSet<>(names);
        compacted.removeIf(name ->
                LetterTopics.sourceOf(topics, name).filter(Successors::matterOn).isEmpty());
        if (compacted.isEmpty()) {
            return;
        }
        try (TopicScan scan = new TopicScan(connection, compacted)) {
            scan.read(
                    raw -> {
                        DeadLetter letter = DeadLetter.of(raw);
                        if (filter.takes(letter) && policy.stays(letter).isEmpty()) {
                            successors.ask(letter);
                        }
                    },
                    passed -> {});
        }
        successors.read(connection);
    }

    /** Offsets to be passed. */
    long total() {
        return ends.entrySet().stream()
                .mapToLong(end -> end.getValue() - begins.get(end.getKey()))
                .sum();
    }

    /**
     * @param passed told now and then how many offsets were passed
     * @param stop whether to end after the letters in hand
     * @return by topic of letters
     * @throws CommandException if somebody else has taken over, or the topics do not answer
     */
    Map<String, Result> run(LongConsumer passed, BooleanSupplier stop) {
        Deadline deadline = Deadline.in(PATIENCE);
        for (long ahead = ahead(); ahead > 0 && !stop.getAsBoolean(); ahead = ahead()) {
            var records = letters.poll(POLL);
            List<DeadLetter> due = new ArrayList<>();
            records.forEach(raw -> take(raw).ifPresent(due::add));
            send(due, records);
            if (!records.isEmpty()) {
                deadline = Deadline.in(PATIENCE);
            } else if (deadline.passed()) {
                throw new CommandException("the topics do not answer: is the broker well?");
            }
            passed.accept(total() - ahead);
        }
        return results;
    }

    private long ahead() {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - letters.position(end.getKey())))
                .sum();
    }

    /** The letter, if it is to be sent. */
    private Optional<DeadLetter> take(ConsumerRecord<byte[], byte[]> raw) {
        if (raw.offset() >= ends.get(new TopicPartition(raw.topic(), raw.partition()))) {
            return Optional.empty();
        }
        DeadLetter letter = DeadLetter.of(raw);
        if (!filter.takes(letter)) {
            return Optional.empty();
        }
        Result result = results.computeIfAbsent(raw.topic(), topic -> new Result());
        Optional<RedrivePolicy.Stays> stays = policy.stays(letter);
        stays.ifPresentOrElse(why -> result.stay.merge(why, 1L, Long::sum), () -> result.sent++);
        return stays.isPresent() ? Optional.empty() : Optional.of(letter);
    }

    /** @param polled those that are due and all others between them */
    private void send(List<DeadLetter> due, ConsumerRecords<byte[], byte[]> polled) {
        if (producer.isEmpty()) {
            return;
        }
        due.forEach(settled::add);
        polled.forEach(raw -> {
            TopicPartition partition = new TopicPartition(raw.topic(), raw.partition());
            Optional.ofNullable(lastPolled.put(partition, raw.offset()))
                    .ifPresent(last -> settled.join(partition, last, raw.offset()));
        });
        if (due.isEmpty()) {
            return;
        }
        Producer<byte[], byte[]> sender = producer.get();
        Set<TopicPartition> touched = new HashSet<>();
        try {
            sender.beginTransaction();
            for (DeadLetter letter : due) {
                var unused = sender.send(record(letter)); // what fails there fails the commit
                touched.add(letter.partition());
            }
            for (TopicPartition partition : touched) {
                var unused = sender.send(settled.record(partition, begins.get(partition)));
            }
            sender.commitTransaction();
        } catch (ProducerFencedException | InvalidProducerEpochException e) {
            throw new CommandException(
                    "another 'sluice dlq redrive' has taken over, or the brokers took longer than "
                            + Connection.TRANSACTION_TIMEOUT_MS / 1000
                            + " s for some letters; run the command again, nothing is sent twice",
                    e);
        } catch (KafkaException e) { // of a commit without an answer nobody knows whether it came to be
            throw new CommandException(
                    "the last letters may or may not have been sent: " + Failures.lineOf(root(e))
                            + "; run the command again, it goes on where it stopped and sends nothing twice",
                    e);
        }
    }

    private static Throwable root(KafkaException e) {
        return e.getCause() == null ? e : e.getCause();
    }

    /** To the partition that it came from, unless there is none such any more. */
    private ProducerRecord<byte[], byte[]> record(DeadLetter letter) {
        TopicPartition source = letter.source().orElseThrow();
        int count = partitions.computeIfAbsent(
                source.topic(),
                topic -> producer.orElseThrow().partitionsFor(topic).size());
        Integer partition = source.partition() < count ? source.partition() : null;
        return new ProducerRecord<>(
                source.topic(), partition, letter.raw().key(), letter.raw().value(), RedrivePolicy.headers(letter));
    }

    @Override
    public void close() {
        producer.ifPresent(it -> it.close(CLOSING));
        letters.close(CloseOptions.timeout(CLOSING));
    }
}
