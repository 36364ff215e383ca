package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ServiceMetersTest {
    @AutoClose
    private final ProcessMeters process = new ProcessMeters();

    private final ServiceMeters meters = new ServiceMeters(process.registry());

    @Test
    void shouldTakeItsMetersAwayAndNoOthersWhenClosed() {
        ServiceMeters other = new ServiceMeters(process.registry());
        other.registry().counter("other").increment();
        meters.registry().counter("own", "reason", "late").increment();
        Gauge.builder("gauge", () -> 1).register(meters.registry());
        assertThat(scrape()).contains("own_total{reason=\"late\"} 1.0").contains("gauge 1.0");

        meters.close();
        meters.registry().counter("own", "reason", "after").increment();

        assertThat(scrape())
                .contains("other_total 1.0")
                .contains("jvm_memory_used_bytes")
                .doesNotContain("own_total")
                .doesNotContain("gauge 1.0");
    }

    @Test
    void shouldShowTheLastClientOfARoleAndNoneWhenClosed() {
        try (var first = producer("first");
                var second = producer("second");
                var consumer = new KafkaConsumer<>(
                        Map.of("bootstrap.servers", "127.0.0.1:1", "client.id", "reader"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            meters.watch("reader", consumer);
            meters.watch("writer", first);
            assertThat(scrape()).contains("client_id=\"first\"").contains("client_id=\"reader\"");

            meters.watch("writer", second);
            assertThat(scrape()).doesNotContain("client_id=\"first\"").contains("client_id=\"second\"");

            meters.close();
            meters.watch("writer", first);
            assertThat(scrape()).doesNotContain("client_id");
        }
    }

    @Test
    void shouldCountALatencyInTheBucketsThatHoldIt() {
        var latency = ServiceMeters.latency(meters.registry(), "took", "how long", "since", "posted");

        latency.record(Duration.ofMillis(5));
        latency.record(Duration.ofMillis(6));
        latency.record(Duration.ofDays(2));

        assertThat(scrape())
                .contains("took_seconds_bucket{since=\"posted\",le=\"0.005\"} 1")
                .contains("took_seconds_bucket{since=\"posted\",le=\"0.01\"} 2")
                .contains("took_seconds_bucket{since=\"posted\",le=\"86400.0\"} 2")
                .contains("took_seconds_bucket{since=\"posted\",le=\"+Inf\"} 3");
    }

    private static KafkaProducer<byte[], byte[]> producer(String id) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", "127.0.0.1:1", "client.id", id),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private String scrape() {
        return process.registry().scrape();
    }
}
