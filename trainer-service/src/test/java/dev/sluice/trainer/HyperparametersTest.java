package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HyperparametersTest {
    @Test
    void shouldBeTheNotebooksWhenNothingIsSet() {
        assertThat(Given.parameters().asMap())
                .containsEntry("hidden.layers", "input")
                .containsEntry("learning.rate", "0.001")
                .containsEntry("batch.size", "32")
                .containsEntry("epochs", "20")
                .containsEntry("early.stopping.monitor", "accuracy")
                .containsEntry("early.stopping.patience", "3")
                .containsEntry("restore.best.weights", "false")
                .containsEntry("calibration", "temperature")
                .containsEntry("calibration.min.examples", "50");
    }

    @Test
    void shouldStayTheSameWhenReadBackFromItsOwnText() {
        Hyperparameters parameters =
                Given.parameters("hidden.layers", "256,input", "learning.rate", "1e-5", "calibration", "none");

        assertThat(Given.parameters().with(parameters.asMap())).isEqualTo(parameters);
    }

    @ParameterizedTest
    @CsvSource({"'input','384,384,4'", "'','384,4'", "'256,128','384,256,128,4'", "'1','384,1,4'"})
    void shouldGiveTheWidthsOfAllLayersWhenListed(String hidden, String widths) {
        assertThat(Given.parameters("hidden.layers", hidden).widths(384, 4))
                .isEqualTo(List.of(widths.split(",")).stream()
                        .map(Integer::parseInt)
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "hidden.layers,0",
        "hidden.layers,wide",
        "hidden.layers,-3",
        "hidden.layers,100001",
        "learning.rate,0",
        "learning.rate,NaN",
        "batch.size,0",
        "epochs,0",
        "epochs,x",
        "early.stopping.monitor,f1",
        "early.stopping.patience,-1",
        "validation.fraction,1",
        "validation.fraction,-0.1",
        "validation.data,train",
        "calibration,isotonic",
        "calibration.min.examples,0"
    })
    void shouldRefuseAndNameTheSettingWhenAValueIsOutOfRange(String name, String value) {
        assertThatThrownBy(() -> Given.parameters().with(Map.of(name, value)))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining(name);
    }

    @Test
    void shouldRefuseAndSayWhatIsKnownWhenAnOverrideIsUnknown() {
        assertThatThrownBy(() -> Given.parameters().with(Map.of("epoch", "3", "bootstrap.servers", "x")))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining("bootstrap.servers, epoch;")
                .hasMessageContaining("epochs");
    }

    @ParameterizedTest
    @CsvSource({"test,val_accuracy,TEST", "test,val_loss,TEST", "none,val_loss,validation.data"})
    void shouldRefuseWhenStoppingWouldWatchWhatItMayNotOrCannot(String data, String monitor, String named) {
        assertThatThrownBy(() ->
                        Given.parameters().with(Map.of("validation.data", data, "early.stopping.monitor", monitor)))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining(named);
    }

    @Test
    void shouldRefuseWhenTheBestIsAskedForWithoutAMeasure() {
        assertThatThrownBy(() -> Given.parameters()
                        .with(Map.of("restore.best.weights", "true", "early.stopping.monitor", "none")))
                .isInstanceOf(RefusedTrainingException.class);
    }
}
