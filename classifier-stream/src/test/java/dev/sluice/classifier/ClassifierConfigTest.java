package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.runtime.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassifierConfigTest {
    private static ClassifierConfig config(String... namesAndValues) {
        Map<String, String> settings = new HashMap<>(Map.of("bootstrap.servers", "a:1"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new ClassifierConfig(settings);
    }

    private static Map<String, Object> learn(ClassifierConfig config) {
        try (StoreMemory memory = new StoreMemory()) {
            return StreamsSettings.learn(config, Path.of("folder"), memory);
        }
    }

    @Test
    void shouldStandInTheReadmeAsItIsDefined() throws Exception {
        String readme = Files.readString(Path.of("README.md"));

        assertThat(readme)
                .contains("<!-- settings -->\n" + Settings.asMarkdown(ClassifierConfig.definition())
                        + "<!-- /settings -->");
    }

    @Test
    void shouldServeExactlyOnceAndAnswerSoonWhenNothingIsSet() {
        assertThat(StreamsSettings.classify(config(), Path.of("folder")))
                .containsEntry("application.id", "sluice-classify")
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("commit.interval.ms", 20L)
                .containsEntry("producer.linger.ms", 5)
                .containsEntry("consumer.isolation.level", "read_committed")
                .containsEntry("state.dir", "folder");
        assertThat(learn(config()))
                .containsEntry("application.id", "sluice-learn")
                .containsEntry("commit.interval.ms", 100L);
        assertThat(config().stateDir()).isEmpty();
        assertThat(config().instance()).isNotBlank();
    }

    @Test
    void shouldKeepEveryGuaranteeOfTheClientsInBothTopologiesWhenAtLeastOnceIsEnough() {
        for (String guarantee : List.of("exactly_once_v2", "at_least_once")) {
            ClassifierConfig config = config("processing.guarantee", guarantee);
            for (Map<String, Object> settings :
                    List.of(StreamsSettings.classify(config, Path.of("folder")), learn(config))) {
                StreamsConfig streams = new StreamsConfig(settings);

                assertThat(streams.getString("processing.guarantee")).isEqualTo(guarantee);
                assertThat(streams.getProducerConfigs("c"))
                        .containsEntry("acks", "all")
                        .containsEntry("enable.idempotence", true);
                for (Map<String, Object> consumer : List.of(
                        streams.getMainConsumerConfigs("g", "c", 0),
                        streams.getRestoreConsumerConfigs("c"),
                        streams.getGlobalConsumerConfigs("c"))) {
                    assertThat(consumer)
                            .containsEntry("isolation.level", "read_committed")
                            .containsEntry("enable.auto.commit", "false");
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"99,100", "100,100", "101,101"})
    void shouldCommitWhatIsLearnedAsOftenAsPredictionsButNoMoreThanTenTimesASecond(String set, long learned) {
        ClassifierConfig config = config("commit.interval.ms", set);

        assertThat(StreamsSettings.classify(config, Path.of("folder")))
                .containsEntry("commit.interval.ms", Long.valueOf(set));
        assertThat(learn(config)).containsEntry("commit.interval.ms", learned);
        assertThat(learn(config("commit.interval.ms", set, "streams.commit.interval.ms", "50")))
                .containsEntry("commit.interval.ms", "50");
    }

    @Test
    void shouldReplicateInternalTopicsAsTheOthersWhenReplicationIsSet() {
        ClassifierConfig config = config("topic.replication.factor", "3", "topic.min.insync.replicas", "2");

        for (Map<String, Object> settings :
                List.of(StreamsSettings.classify(config, Path.of("folder")), learn(config))) {
            StreamsConfig streams = new StreamsConfig(settings);

            assertThat(streams.getInt("replication.factor")).isEqualTo(3);
            assertThat(streams.getMainConsumerConfigs("g", "c", 0)).containsEntry("topic.min.insync.replicas", 2);
        }
        assertThat(learn(config())).doesNotContainKeys("replication.factor", "topic.min.insync.replicas");
    }

    @Test
    void shouldKeepClassifiersApartWhenTheyHaveAPrefixAndAName() {
        assertThat(learn(config("topic.prefix", "p-", "classifier", "spam")))
                .containsEntry("application.id", "p-sluice-learn.spam");
    }

    @Test
    void shouldPreferWhatWasSetForKafkaItself() {
        Map<String, Object> settings = StreamsSettings.classify(
                config(
                        "producer.linger.ms", "0",
                        "consumer.max.poll.records", "7",
                        "streams.poll.ms", "10",
                        "sasl.mechanism", "PLAIN"),
                Path.of("folder"));

        assertThat(settings)
                .containsEntry("producer.linger.ms", "0")
                .containsEntry("consumer.max.poll.records", "7")
                .containsEntry("poll.ms", "10")
                .containsEntry("sasl.mechanism", "PLAIN");
    }

    @Test
    void shouldRefuseWhatIsNotKnown() {
        assertThatThrownBy(() -> config("predictions.format", "xml")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config("processing.guarantee", "exactly_once")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config("num.stream.threads", "0")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config("promotion.after.labels", "-1")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config("promotion.after.labels", "19"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("20 or more");
        assertThat(EvaluationSettings.plan(config("promotion.after.labels", "20"))
                        .trials()
                        .afterLabels())
                .isEqualTo(20);
        assertThatThrownBy(() -> config("predictions.text.characters", "-1")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config("prediction.format", "json"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("unknown setting prediction.format");
    }
}
