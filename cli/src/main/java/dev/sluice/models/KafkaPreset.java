package dev.sluice.models;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A version on a classifier's topic {@code models}, read once and leaving no trace: no group, no offsets. What serves is what
 * the log of deployments comes to, folded as the classifier folds it. Both count as {@link PresetTrust} says.
 *
 * @param servers host:port, separated by commas
 * @param version empty for the one that is live
 * @param prefix of the topics, may be empty
 */
record KafkaPreset(String servers, String classifier, Optional<Integer> version, String prefix) {
    static final String SCHEME = "kafka://";

    /** As it is to be written. */
    static final String FORM =
            "kafka://host:9092/classifier/7 (without a number the live version; behind it ?prefix=P if the"
                    + " topics have a prefix)";

    private static final Pattern PATTERN = Pattern.compile(
            "kafka://(?<servers>[^/?]+)/(?<classifier>[^/?]+)(?:/(?<version>[1-9]\\d{0,8}))?/?(?:\\?prefix=(?<prefix>[^&]*))?");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(100);

    /** @throws InvalidPresetException if it is written in another way */
    static KafkaPreset of(String preset) {
        Matcher parts = PATTERN.matcher(preset);
        if (!parts.matches()) {
            throw new InvalidPresetException(preset + " is no version on a topic; write it as " + FORM);
        }
        return new KafkaPreset(
                parts.group("servers"),
                parts.group("classifier"),
                Optional.ofNullable(parts.group("version")).map(Integer::valueOf),
                Optional.ofNullable(parts.group("prefix")).orElse(""));
    }

    /**
     * @param settings of a Kafka client: security, timeouts; and {@code models.trusted.keys}
     * @throws InvalidPresetException if no broker answers, or there is no such version, or none that counts
     * @throws java.util.concurrent.CancellationException if this thread is interrupted; it stays so
     */
    ModelVersion read(Map<String, String> settings) {
        PresetTrust trust = PresetTrust.among(settings);
        Topics topics = topics();
        try (var consumer = new KafkaConsumer<>(
                client(PresetTrust.withoutKeys(settings)), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            int number = version.orElseGet(() -> live(consumer, topics, trust.trust()));
            String key = ModelVersions.keyOf(classifier, number);
            Sought sought = new Sought(key);
            readAll(consumer, topics.models(), sought::add);
            byte[] found = sought.value()
                    .orElseThrow(
                            () -> new InvalidPresetException("there is no version " + number + " of the classifier "
                                    + classifier + " at " + servers + "; there are " + sought.numbers()));
            return trust.checked(key, topics.models().codec().decode(found));
        } catch (InterruptException e) { // a KafkaException too
            throw Backbone.cancelled(e);
        } catch (TimeoutException e) {
            throw new InvalidPresetException(
                    "no Kafka broker answers at " + servers + " within " + PATIENCE.toSeconds() + " s", e);
        } catch (KafkaException e) {
            String reason = e.getCause() instanceof KafkaException cause ? cause.getMessage() : e.getMessage();
            throw new InvalidPresetException("cannot read from Kafka at " + servers + ": " + reason, e);
        } catch (UnreadableRecordException e) {
            throw new InvalidPresetException("the version cannot be read: " + e.getMessage(), e);
        }
    }

    /** Of all versions the keys, of one the value: together they may be larger than the memory. */
    static final class Sought {
        private final String key;
        private final TreeSet<String> keys = new TreeSet<>();
        private Optional<byte[]> value = Optional.empty();

        Sought(String key) {
            this.key = key;
        }

        /** The last of a key counts, and without a value takes it away. */
        void add(ConsumerRecord<byte[], byte[]> record) {
            String name = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
            if (record.value() == null) {
                keys.remove(name);
            } else {
                keys.add(name);
            }
            if (name.equals(key)) {
                value = Optional.ofNullable(record.value());
            }
        }

        Optional<byte[]> value() {
            return value;
        }

        List<String> numbers() {
            return keys.stream()
                    .map(each -> each.substring(each.lastIndexOf('/') + 1))
                    .toList();
        }
    }

    private Topics topics() {
        try {
            return new Topics(prefix, classifier, Topics.DEFAULT_PARTITIONS);
        } catch (IllegalArgumentException e) {
            throw new InvalidPresetException(e.getMessage(), e);
        }
    }

    private Map<String, Object> client(Map<String, String> given) {
        Map<String, Object> settings = new HashMap<>(Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "sluice-preset",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) PATIENCE.toMillis(),
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) PATIENCE.toMillis()));
        settings.putAll(given);
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return settings;
    }

    private int live(KafkaConsumer<byte[], byte[]> consumer, Topics topics, Trust trust) {
        Deployments deployments = new Deployments(classifier, trust);
        readAll(consumer, topics.deployments(), record -> add(deployments, record, topics.deployments()));
        return deployments
                .live()
                .filter(number -> number > 0)
                .orElseThrow(() -> new InvalidPresetException("no version of the classifier " + classifier
                        + " is live at " + servers
                        + (trust.asksForSignatures() ? " by a deployment that a trusted key signed" : "")
                        + ": name one, as in kafka://" + servers + "/" + classifier + "/1"));
    }

    private static void add(Deployments deployments, ConsumerRecord<byte[], byte[]> record, Topic<Deployment> topic) {
        if (record.value() == null) {
            return;
        }
        try {
            Deployment event = topic.codec().decode(record.value());
            Instant at = event.getCreatedAt().orElseGet(() -> Instant.ofEpochMilli(record.timestamp()));
            deployments.add(
                    record.offset(),
                    Deployment.newBuilder(event).setCreatedAt(at).build());
        } catch (UnreadableRecordException e) {
            // the classifier passes it over too, and says so
        }
    }

    /** All that lies on a topic of one partition now, one after the other. */
    private static void readAll(
            KafkaConsumer<byte[], byte[]> consumer, Topic<?> topic, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        TopicPartition partition = new TopicPartition(topic.name(), 0);
        if (Optional.ofNullable(consumer.partitionsFor(topic.name()))
                .orElse(List.of())
                .isEmpty()) {
            throw new InvalidPresetException("there is no topic " + topic.name()
                    + ": check the classifier's name, and ?prefix= if the topics have one");
        }
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
                each.accept(record);
                deadline = System.nanoTime() + PATIENCE.toNanos();
            }
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("nothing came of " + topic.name());
            }
        }
    }
}
