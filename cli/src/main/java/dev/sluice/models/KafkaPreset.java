package dev.sluice.models;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A version on a classifier's topic {@code models}, read once and leaving no trace: no group, no offsets. What serves is what
 * the log of deployments comes to, folded as the classifier folds it.
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
     * @param client settings of a Kafka client: security, timeouts
     * @throws InvalidPresetException if no broker answers, or there is no such version
     */
    ModelVersion read(Map<String, String> client) {
        Topics topics = topics();
        try (var consumer =
                new KafkaConsumer<>(settings(client), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            int number = version.orElseGet(() -> live(consumer, topics));
            String key = ModelVersions.keyOf(classifier, number);
            TreeMap<String, byte[]> byKey = new TreeMap<>(); // the last of a key counts
            for (ConsumerRecord<byte[], byte[]> record : records(consumer, topics.models())) {
                String name = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
                if (record.value() == null) {
                    byKey.remove(name);
                } else {
                    byKey.put(name, record.value());
                }
            }
            if (!byKey.containsKey(key)) {
                throw new InvalidPresetException("there is no version " + number + " of the classifier " + classifier
                        + " at " + servers + "; there are " + numbersIn(byKey));
            }
            return topics.models().codec().decode(byKey.get(key));
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

    private Topics topics() {
        try {
            return new Topics(prefix, classifier, Topics.DEFAULT_PARTITIONS);
        } catch (IllegalArgumentException e) {
            throw new InvalidPresetException(e.getMessage(), e);
        }
    }

    private Map<String, Object> settings(Map<String, String> client) {
        Map<String, Object> settings = new HashMap<>(Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "sluice-preset",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) PATIENCE.toMillis(),
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) PATIENCE.toMillis()));
        settings.putAll(client);
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return settings;
    }

    private int live(KafkaConsumer<byte[], byte[]> consumer, Topics topics) {
        Deployments deployments = new Deployments(classifier);
        for (ConsumerRecord<byte[], byte[]> record : records(consumer, topics.deployments())) {
            if (record.value() == null) {
                continue;
            }
            try {
                Deployment event = topics.deployments().codec().decode(record.value());
                Instant at = event.getCreatedAt().orElseGet(() -> Instant.ofEpochMilli(record.timestamp()));
                deployments.add(
                        record.offset(),
                        Deployment.newBuilder(event).setCreatedAt(at).build());
            } catch (UnreadableRecordException e) {
                // the classifier passes it over too, and says so
            }
        }
        return deployments
                .live()
                .filter(number -> number > 0)
                .orElseThrow(() -> new InvalidPresetException("no version of the classifier " + classifier
                        + " is live at " + servers + ": name one, as in kafka://" + servers + "/" + classifier + "/1"));
    }

    /** All that lies on a topic of one partition now. */
    private static List<ConsumerRecord<byte[], byte[]>> records(
            KafkaConsumer<byte[], byte[]> consumer, Topic<?> topic) {
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
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
                records.add(record);
                deadline = System.nanoTime() + PATIENCE.toNanos();
            }
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("nothing came of " + topic.name());
            }
        }
        return records;
    }

    private static List<String> numbersIn(TreeMap<String, byte[]> byKey) {
        return byKey.keySet().stream()
                .map(key -> key.substring(key.lastIndexOf('/') + 1))
                .toList();
    }
}
