package dev.sluice.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;

/**
 * Given to Kafka's clients as one of their {@code metric.reporters}, it is shown the settings that each of them is made with,
 * wherever that happens; so a test sees all of them, those of Kafka Streams too.
 */
public final class RecordedClients implements MetricsReporter {
    private static final Map<String, Map<String, ?>> BY_ID = new ConcurrentHashMap<>();

    /** The settings by kind and client id. */
    static Map<String, Map<String, ?>> all() {
        return Map.copyOf(BY_ID);
    }

    /** Before a test that asks about its own clients. */
    static void forget() {
        BY_ID.clear();
    }

    @Override
    public void configure(Map<String, ?> settings) {
        String kind = settings.containsKey("value.serializer")
                ? "producer "
                : settings.containsKey("value.deserializer") ? "consumer " : "admin ";
        BY_ID.put(kind + settings.get("client.id"), settings);
    }

    @Override
    public void init(List<KafkaMetric> metrics) {}

    @Override
    public void metricChange(KafkaMetric metric) {}

    @Override
    public void metricRemoval(KafkaMetric metric) {}

    @Override
    public void close() {}
}
