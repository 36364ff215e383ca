package dev.sluice.runtime;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;

/**
 * What Kafka's clients must be told for nothing to be lost or doubled, and what therefore cannot be set otherwise. Whoever
 * wants a weaker guarantee says so by {@code processing.guarantee}: a service refuses to start on a setting that would break
 * the promise and look like tuning.
 */
public final class KeptPromises {
    /** All replicas in sync have a record before it counts as written, and what is sent again is written once. */
    public static final Map<String, Object> OF_PRODUCERS =
            Map.of(ProducerConfig.ACKS_CONFIG, "all", ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);

    /** What a transaction took back is not seen, and no place counts as read because time went by. */
    public static final Map<String, Object> OF_CONSUMERS = Map.of(
            ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed", ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);

    /** Of which nobody else's may stand: what is new to a group is read from its start, and no failure is passed over. */
    private static final Map<String, Object> OF_READING = Map.of(
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            "exception.handler", // Kafka Streams', of all kinds
            "Sluice's own",
            "processing.exception.handler.global.enabled",
            true);

    private static final String MOST_ACKS = "-1"; // the protocol's word for all

    private KeptPromises() {}

    /** @throws ConfigException naming a setting that passes through to a client and would break the promise */
    static void check(Map<String, String> settings) {
        Map<String, Object> promised = new HashMap<>(OF_PRODUCERS);
        promised.putAll(OF_CONSUMERS);
        promised.putAll(OF_READING);
        settings.forEach((name, value) -> promised.forEach((client, kept) -> {
            if (name.endsWith("." + client) && !isKept(client, value, kept.toString())) {
                throw new ConfigException(
                        name + "=" + value + " could lose or double posts: leave it away, it is " + kept + " always");
            }
        }));
    }

    private static boolean isKept(String client, String value, String kept) {
        String given = value.trim().toLowerCase(Locale.ROOT);
        return given.equals(kept) || (client.equals(ProducerConfig.ACKS_CONFIG) && given.equals(MOST_ACKS));
    }
}
