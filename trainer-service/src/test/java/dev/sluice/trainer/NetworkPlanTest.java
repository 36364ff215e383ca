package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Task;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkPlanTest {
    private static NetworkPlan plan(List<Integer> widths, Task task, Activation activation, double dropout, double l2) {
        return new NetworkPlan(widths, task, activation, dropout, l2, new Optimizer.Adam(0.001), 1);
    }

    private static NetworkPlan plan(Task task, Integer... widths) {
        return plan(List.of(widths), task, Activation.RELU, 0, 0);
    }

    @Test
    void shouldCountTheNotebooksParametersWhenAsked() {
        NetworkPlan plan = plan(Task.MULTICLASS, 768, 768, 4);

        assertThat(plan.parameters()).isEqualTo(593_668);
        assertThat(plan.parameters(0)).isEqualTo(590_592);
        assertThat(plan.parameters(1)).isEqualTo(3_076);
        assertThat(new TrainableNetwork(plan).weights()).hasSize(593_668);
    }

    @Test
    void shouldEndInWhatTheTaskNeedsWhenAsked() {
        assertThat(plan(Task.MULTICLASS, 3, 4, 2).activation(0)).isEqualTo(Activation.RELU);
        assertThat(plan(Task.MULTICLASS, 3, 4, 2).activation(1)).isEqualTo(Activation.SOFTMAX);
        assertThat(plan(Task.BINARY, 3, 1).activation(0)).isEqualTo(Activation.SIGMOID);
        assertThat(plan(Task.REGRESSION, 3, 1).activation(0)).isEqualTo(Activation.IDENTITY);
    }

    @Test
    void shouldRefuseWidthsWhenTheyMakeNoNetwork() {
        assertThatIllegalArgumentException().isThrownBy(() -> plan(Task.MULTICLASS, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> plan(Task.MULTICLASS, 3, 0, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> plan(Task.BINARY, 3, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> plan(Task.REGRESSION, 3, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> plan(Task.UNKNOWN, 3, 1));
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {"SOFTMAX", "UNKNOWN"})
    void shouldRefuseAnActivationWhenItIsNotAHiddenLayers(Activation activation) {
        assertThatIllegalArgumentException().isThrownBy(() -> plan(List.of(3, 1), Task.BINARY, activation, 0, 0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, 1, Double.NaN})
    void shouldRefuseADropoutWhenItIsNoShare(double dropout) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plan(List.of(3, 1), Task.BINARY, Activation.RELU, dropout, 0));
        assertThatNoException().isThrownBy(() -> plan(List.of(3, 1), Task.BINARY, Activation.RELU, 0.99, 0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, Double.POSITIVE_INFINITY, Double.NaN})
    void shouldRefuseAnL2WhenItIsNoPenalty(double l2) {
        assertThatIllegalArgumentException().isThrownBy(() -> plan(List.of(3, 1), Task.BINARY, Activation.RELU, 0, l2));
    }
}
