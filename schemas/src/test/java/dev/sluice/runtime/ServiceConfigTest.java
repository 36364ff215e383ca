package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Replication;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceConfigTest {
    private static GivenConfig config(String... namesAndValues) {
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new GivenConfig(settings);
    }

    @Test
    void shouldRefuseWhenASettingIsUnknown() {
        assertThatThrownBy(() -> config("topic.prefx", "x"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("unknown setting topic.prefx");
    }

    @Test
    void shouldGiveSecurityToEveryClientAndTheRestToItsOwnWhenPassedThrough() {
        GivenConfig config = config(
                "security.protocol", "SASL_SSL",
                "sasl.mechanism", "PLAIN",
                "consumer.fetch.min.bytes", "7",
                "producer.linger.ms", "5");

        assertThat(config.adminSettings())
                .isEqualTo(Map.of(
                        "bootstrap.servers", "a:1,b:2", "security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN"));
        assertThat(config.consumerSettings(Map.of("fetch.min.bytes", "1", "group.id", "g")))
                .containsEntry("fetch.min.bytes", "7")
                .containsEntry("group.id", "g")
                .containsEntry("sasl.mechanism", "PLAIN")
                .doesNotContainKey("linger.ms");
        assertThat(config.producerSettings(Map.of()))
                .containsEntry("linger.ms", "5")
                .containsEntry("acks", "all");
    }

    @ParameterizedTest
    @CsvSource({"1048575,false", "1048576,true", "1048577,true", "268435455,true", "268435456,true", "268435457,false"})
    void shouldTakeALimitOfModelsWhenBrokersCanHoldIt(String bytes, boolean taken) {
        if (taken) {
            assertThat(config("model.max.bytes", bytes).topics().maxModelBytes())
                    .isEqualTo(Integer.parseInt(bytes));
        } else {
            assertThatThrownBy(() -> config("model.max.bytes", bytes))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("model.max.bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "producer.acks=1",
                "producer.acks=0",
                "streams.producer.acks=1",
                "producer.enable.idempotence=false",
                "streams.producer.enable.idempotence=False",
                "consumer.isolation.level=read_uncommitted",
                "streams.main.consumer.isolation.level=read_uncommitted",
                "consumer.enable.auto.commit=true",
                "consumer.auto.offset.reset=latest",
                "consumer.auto.offset.reset=none",
                "streams.consumer.auto.offset.reset=by_duration:PT1H",
                "streams.processing.exception.handler=org.example.Skip",
                "streams.deserialization.exception.handler=org.example.Skip",
                "streams.default.deserialization.exception.handler=org.example.Skip",
                "streams.production.exception.handler=org.example.Skip",
                "streams.processing.exception.handler.global.enabled=false"
            })
    void shouldRefuseWhatWouldLoseOrDoublePostsWhenItIsPassedThrough(String setting) {
        String[] nameAndValue = setting.split("=");

        assertThatThrownBy(() -> config(nameAndValue))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(setting + " could lose or double posts");
    }

    @Test
    void shouldKeepThePromisesWhenTheyAreSetAnywayOrNotAtAll() {
        for (GivenConfig config : List.of(
                config(),
                config("producer.acks", "-1", "producer.enable.idempotence", "TRUE"),
                config("producer.acks", "all", "consumer.isolation.level", "read_committed"))) {
            assertThat(config.producerSettings(Map.of()))
                    .containsEntry("acks", "all")
                    .containsEntry("enable.idempotence", true);
            assertThat(config.consumerSettings(Map.of()))
                    .containsEntry("isolation.level", "read_committed")
                    .containsEntry("enable.auto.commit", false);
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0,true", "0,2,true", "3,0,true", "3,2,true", "3,3,true", "3,4,false", "1,2,false", "-1,0,false"})
    void shouldTakeReplicasInSyncWhenThereAreSoMany(String factor, String inSync, boolean taken) {
        if (taken) {
            assertThat(config("topic.replication.factor", factor, "topic.min.insync.replicas", inSync)
                            .replication())
                    .isEqualTo(new Replication(Short.parseShort(factor), Short.parseShort(inSync)));
        } else {
            assertThatThrownBy(() -> config("topic.replication.factor", factor, "topic.min.insync.replicas", inSync))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("replica");
        }
    }

    @Test
    void shouldPreferTheEnvironmentWhenTheFileSaysOtherwise(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("sluice.properties"), "topic.prefix=file\nclassifier=spam\n");

        Map<String, String> settings =
                Settings.of(new String[] {file.toString()}, Map.of("SLUICE_TOPIC_PREFIX", "env", "PATH", "/bin"));

        assertThat(settings).isEqualTo(Map.of("topic.prefix", "env", "classifier", "spam"));
    }

    @Test
    void shouldNameTheFileWhenItCannotBeRead() {
        assertThatThrownBy(() -> Settings.of(new String[] {"no-such.properties"}, Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no-such.properties");
    }

    @Test
    void shouldListEverySettingWhenWrittenAsMarkdown() {
        assertThat(Settings.asMarkdown(ServiceConfig.commonSettings()))
                .contains("| `bootstrap.servers` | must be set | ")
                .contains("| `topic.prefix` | none | ")
                .contains("| `topic.partitions` | `12` | ")
                .contains("| `http.port` | `0` | ");
    }
}
