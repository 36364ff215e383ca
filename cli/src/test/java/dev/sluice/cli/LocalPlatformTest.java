package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class LocalPlatformTest {
    private static final Map<String, String> SERVERS = Map.of("bootstrap.servers", "localhost:9092");

    @Test
    void shouldTakeOnlyWhatServicesKnowWhenTheEnvironmentHoldsMore() {
        Map<String, String> settings = LocalPlatform.ofEnvironment(Map.of(
                "SLUICE_TRAINING_MIN_EXAMPLES", "7",
                "SLUICE_EMBEDDING_PROVIDER", "gemini",
                "SLUICE_REQUIRE_FOREIGN_CLIENTS", "true",
                "HOME", "/root"));

        assertThat(settings)
                .containsOnly(Map.entry("training.min.examples", "7"), Map.entry("embedding.provider", "gemini"));
    }

    @Test
    void shouldPreferTheSpecificKeyWhenTheEnvironmentHoldsSeveral() {
        assertThat(LocalPlatform.ofEnvironment(Map.of("GEMINI_API_KEY", "a"))).containsEntry("gemini.api.key", "a");
        assertThat(LocalPlatform.ofEnvironment(Map.of("GEMINI_API_KEY", "a", "SLUICE_GEMINI_API_KEY", "b")))
                .containsEntry("gemini.api.key", "b");
    }

    @Test
    void shouldAcceptSettingsOfDifferentServicesAndOfKafkaWhenTheyAreSound() {
        assertThatCode(() -> LocalPlatform.check(with(Map.of(
                        "epochs", "3",
                        "predictions.format", "json",
                        "security.protocol", "SSL",
                        "consumer.max.poll.records", "10"))))
                .doesNotThrowAnyException();
    }

    @Test
    void shouldNameTheSettingWhenNobodyKnowsItOrItsValueIsWrong() {
        assertThatThrownBy(() -> LocalPlatform.check(with(Map.of("epoch", "3"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no service knows the setting epoch");
        assertThatThrownBy(() -> LocalPlatform.check(with(Map.of("predictions.format", "xml"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("predictions.format");
    }

    private static Map<String, String> with(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(SERVERS);
        all.putAll(settings);
        return all;
    }
}
