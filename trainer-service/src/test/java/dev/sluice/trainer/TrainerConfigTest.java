package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.runtime.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerConfigTest {
    @Test
    void shouldHaveTheDefaultsOfTheReadmeWhenNothingIsSet() {
        TrainerConfig config = new TrainerConfig(Map.of("bootstrap.servers", "b:1"));

        assertThat(config.hyperparameters()).isEqualTo(Given.parameters());
        assertThat(config.policy()).isEqualTo(new TrainingPolicy(TrainingPolicy.Trigger.AUTO, 20, 2, 1000));
        assertThat(config.promotion()).isEqualTo(new PromotionPolicy(PromotionPolicy.Mode.AUTO, 0.02, 0));
        assertThat(config.keptModels()).isEqualTo(20);
    }

    @ParameterizedTest
    @CsvSource({
        "epochs,0",
        "training.min.examples,0",
        "training.trigger,never",
        "epoch,3",
        "models.keep,-1",
        "promotion,perhaps",
        "promotion.max.accuracy.drop,-0.01",
        "promotion.max.accuracy.drop,1.01",
        "promotion.min.class.recall,1.01"
    })
    void shouldRefuseToStartWhenASettingIsWrong(String name, String value) {
        assertThatThrownBy(() -> new TrainerConfig(Map.of("bootstrap.servers", "b:1", name, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(name);
    }

    @Test
    void shouldRefuseToStartWhenTestWouldSteer() {
        assertThatThrownBy(() -> new TrainerConfig(Map.of(
                        "bootstrap.servers", "b:1",
                        "validation.data", "test",
                        "early.stopping.monitor", "val_accuracy")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("TEST");
    }

    @Test
    void shouldBeTheTableInTheReadmeWhenWrittenAsMarkdown() throws Exception {
        assertThat(Files.readString(Path.of("README.md")))
                .contains(
                        "<!-- settings -->\n" + Settings.asMarkdown(TrainerConfig.definition()) + "<!-- /settings -->");
    }
}
