package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Task;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
                .containsEntry("profile", "notebook")
                .containsEntry("task", "auto")
                .containsEntry("threshold", "0.5")
                .containsEntry("positive.label", "")
                .containsEntry("activation", "relu")
                .containsEntry("dropout", "0.0")
                .containsEntry("l2", "0.0")
                .containsEntry("optimizer", "adam")
                .containsEntry("weight.decay", "0.004")
                .containsEntry("momentum", "0.0")
                .containsEntry("class.weights", "none")
                .containsEntry("calibration", "temperature")
                .containsEntry("calibration.min.examples", "50");
    }

    @Test
    void shouldStayTheSameWhenReadBackFromItsOwnText() {
        Hyperparameters parameters = Given.parameters(
                        "hidden.layers", "256,input", "learning.rate", "1e-5", "calibration", "none")
                .with(Map.of("task", "binary", "positive.label", "ham", "threshold", "precision:0.9"))
                .with(Map.of("activation", "linear", "dropout", "0.3", "l2", "1e-4", "class.weights", "balanced"))
                .with(Map.of("optimizer", "sgd", "weight.decay", "0.1", "momentum", "0.9", "profile", "best"));

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
        "batch.size,8193",
        "epochs,0",
        "epochs,x",
        "early.stopping.monitor,f1",
        "early.stopping.patience,-1",
        "validation.fraction,1",
        "validation.fraction,-0.1",
        "validation.data,train",
        "profile,worst",
        "task,ranking",
        "threshold,1.1",
        "threshold,-0.1",
        "threshold,NaN",
        "threshold,precision:",
        "threshold,precision:1.1",
        "threshold,recall:0.9",
        "activation,softmax",
        "dropout,1",
        "dropout,-0.1",
        "dropout,NaN",
        "l2,-1",
        "l2,Infinity",
        "optimizer,lion",
        "weight.decay,-0.1",
        "momentum,1",
        "class.weights,heavy",
        "calibration,isotonic",
        "calibration.min.examples,0"
    })
    void shouldRefuseAndNameTheSettingWhenAValueIsOutOfRange(String name, String value) {
        assertThatThrownBy(() -> Given.parameters().with(Map.of(name, value)))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining(name);
    }

    @Test
    void shouldKeepWhatWasSetOtherwiseWhenTheProfileChanges() {
        Hyperparameters set = Given.parameters().with(Map.of("epochs", "50", "dropout", "0.3", "seed", "7"));
        Map<String, String> best = Profile.BEST.settings();
        assertThat(best).containsKeys("epochs", "dropout");

        assertThat(set.with(Map.of("profile", "notebook"))).isEqualTo(set);
        assertThat(set.with(Map.of("profile", "best")).asMap())
                .containsAllEntriesOf(best)
                .containsEntry("seed", "7");
        assertThat(Given.parameters().with(Map.of("profile", "best")).with(Map.of("profile", "notebook")))
                .isEqualTo(Given.parameters());

        Hyperparameters longer = Given.parameters().with(Map.of("profile", "best", "epochs", "50"));
        assertThat(longer.with(Map.of("profile", "best"))).isEqualTo(longer);
        assertThat(longer.with(Map.of("profile", "notebook"))).isEqualTo(Given.parameters("epochs", "50"));
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

    @ParameterizedTest
    @ValueSource(strings = {"0.0", "0.25", "1.0", "best_f1", "precision:0.95"})
    void shouldKnowAThresholdWhenItIsANumberOrAWayToChooseOne(String threshold) {
        assertThat(Given.parameters("threshold", threshold).asMap()).containsEntry("threshold", threshold);
    }

    @ParameterizedTest
    @CsvSource({"adam", "adamw", "sgd"})
    void shouldPlanTheNetworkWhenItKnowsWhatIsLearned(String optimizer) {
        Hyperparameters parameters = Given.parameters("optimizer", optimizer, "hidden.layers", "input,7")
                .with(Map.of("activation", "tanh", "dropout", "0.2", "l2", "0.1", "seed", "3"))
                .with(Map.of("learning.rate", "0.01", "weight.decay", "0.02", "momentum", "0.03"));
        LearningTask task = new LearningTask(Task.BINARY, List.of("a", "b"), Optional.empty(), "");

        NetworkPlan plan = parameters.plan(5, task);

        Optimizer wanted =
                switch (optimizer) {
                    case "adam" -> new Optimizer.Adam(0.01);
                    case "adamw" -> new Optimizer.AdamW(0.01, 0.02);
                    default -> new Optimizer.Sgd(0.01, 0.03);
                };
        assertThat(plan)
                .isEqualTo(new NetworkPlan(List.of(5, 5, 7, 1), Task.BINARY, Activation.TANH, 0.2, 0.1, wanted, 3));
    }

    @Test
    void shouldHaveTheParametersOfTheNotebooksNetworkWhenVectorsAreAsWideAsItsOwn() {
        LearningTask task = new LearningTask(Task.MULTICLASS, List.of("a", "b", "c", "d"), Optional.empty(), "");

        assertThat(Given.parameters().plan(768, task).parameters()).isEqualTo(593_668);
    }
}
