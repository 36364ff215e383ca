package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Epoch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompilationTest {
    private static Compilation compiled(String loss, int classes, String... metrics) {
        return Compilation.of(Optional.empty(), loss, List.of(metrics), classes);
    }

    @ParameterizedTest
    @CsvSource({
        "auto, 1, true",
        "auto, 20, true",
        "sparse_categorical_crossentropy, 1, false",
        "sparse_categorical_crossentropy, 2, true",
        "binary_crossentropy, 1, false",
        "binary_crossentropy, 2, true",
        "binary_crossentropy, 3, false",
        "mean_squared_error, 1, true",
        "MSE, 1, true",
        "mean_squared_error, 2, false",
        "hinge, 2, false",
    })
    void shouldTakeALossWhenItFitsTheClasses(String loss, int classes, boolean fits) {
        if (fits) {
            assertThatCode(() -> compiled(loss, classes)).doesNotThrowAnyException();
        } else {
            assertThatThrownBy(() -> compiled(loss, classes))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(loss);
        }
    }

    @Test
    void shouldSayItInTheTrainersWordsWhenItIsCompiled() {
        Compilation compilation =
                Compilation.of(Optional.of(Optimizer.adamW(0.01, 0.1)), "binary_crossentropy", List.of(), 2);

        assertThat(compilation.settings())
                .containsEntry("optimizer", "adamw")
                .containsEntry("learning.rate", "0.01")
                .containsEntry("weight.decay", "0.1")
                .containsEntry("task", "binary");
        assertThat(compiled("auto", 2).settings()).isEmpty();
        assertThat(Optimizer.sgd(0.1, 0.9).all())
                .containsEntry("momentum", "0.9")
                .containsEntry("optimizer", "sgd");
    }

    @Test
    void shouldNameTheChoicesWhenANameIsUnknown() {
        assertThatThrownBy(() -> new Optimizer("rmsprop", Map.of())).hasMessageContaining("adam, adamw, sgd");
        assertThatThrownBy(() -> compiled("auto", 2, "top_k")).hasMessageContaining("accuracy");
    }

    @Test
    void shouldShowTheFiguresOfTheEpochsWhenTheyWereAskedFor() {
        List<Epoch> epochs = List.of(
                Epoch.newBuilder()
                        .setEpoch(1)
                        .setLoss(0.9)
                        .setAccuracy(0.5)
                        .setValLoss(0.8)
                        .setValAccuracy(0.6)
                        .setAuc(0.7)
                        .build(),
                Epoch.newBuilder()
                        .setEpoch(2)
                        .setLoss(0.4)
                        .setAccuracy(0.8)
                        .setValLoss(0.5)
                        .setValAccuracy(0.7)
                        .setAuc(0.9)
                        .build());

        History all = History.of(epochs, compiled("auto", 2));
        History some = History.of(epochs, compiled("auto", 2, "binary_accuracy"));

        assertThat(all.epoch()).containsExactly(1, 2);
        assertThat(all.history().keySet()).containsExactly("loss", "accuracy", "auc", "val_loss", "val_accuracy");
        assertThat(all.get("val_loss")).containsExactly(0.8, 0.5);
        assertThat(all.last("auc")).isEqualTo(0.9);
        assertThat(some.history().keySet()).containsExactly("loss", "accuracy", "val_loss", "val_accuracy");
        assertThatThrownBy(() -> some.get("auc")).hasMessageEndingWith("loss, accuracy, val_loss, val_accuracy");
        assertThatThrownBy(() -> some.get("macro_f1")).hasMessageEndingWith("evaluate tells it");
    }
}
