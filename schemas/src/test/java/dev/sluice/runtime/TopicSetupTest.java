package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;

class TopicSetupTest {
    private static final class PlainConfig extends ServiceConfig {
        PlainConfig(String bootstrapServers) {
            super(commonSettings(), Map.of(BOOTSTRAP_SERVERS, bootstrapServers));
        }

        PlainConfig(String bootstrapServers, String setting, String value) {
            super(
                    commonSettings(),
                    Map.of(BOOTSTRAP_SERVERS, bootstrapServers, "security.protocol", "SSL", setting, value));
        }
    }

    /** As while the name server starts together with the service, or is away: that passes. */
    @Test
    void shouldBePatientWhenTheAddressHasNoHostYet() {
        PlainConfig config = new PlainConfig("no-such-host.invalid:9092");

        assertThatThrownBy(() -> TopicSetup.createMissing(config, "test", 2, Duration.ofMillis(1)))
                .isInstanceOf(KafkaException.class)
                .hasMessageContaining("no broker answers at no-such-host.invalid:9092");
    }

    @Test
    void shouldNotWaitWhenAClientCannotBeMadeAtAll() {
        PlainConfig config = new PlainConfig("127.0.0.1:9092", "ssl.truststore.location", "no-such-file");

        assertThatThrownBy(() -> TopicSetup.createMissing(config, "test", 2, Duration.ofDays(1)))
                .isInstanceOf(KafkaException.class)
                .hasStackTraceContaining("no-such-file");
    }

    @Test
    void shouldNameTheAddressWhenNoBrokerAnswers() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            PlainConfig config = new PlainConfig("127.0.0.1:" + silent.getLocalPort());

            assertThatThrownBy(() -> TopicSetup.createMissing(config, "test", 2, Duration.ofMillis(100)))
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContaining("no broker answers at 127.0.0.1:" + silent.getLocalPort());
        }
    }
}
