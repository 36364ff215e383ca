package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PulseTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // which overflows, as the JVM's may
    private final Pulse pulse = new Pulse("reads posts", nanos::get);

    @Test
    void shouldSayWhoWaitsWhenARoundTakesThirtySecondsOrMore() {
        nanos.addAndGet(Duration.ofSeconds(30).toNanos() - 1);
        assertThat(pulse.missing()).isEmpty();

        nanos.incrementAndGet();
        assertThat(pulse.missing()).contains("the thread that reads posts has waited for Kafka for 30 s");

        pulse.beat();
        assertThat(pulse.missing()).isEmpty();
    }
}
