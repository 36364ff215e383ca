package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.trainer.LocalFit.LabelledVector;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalFitTest {
    private static final EmbeddingSpace SPACE = Given.space("m", 2);
    private static final Clock CLOCK = Clock.fixed(Given.TIME, ZoneOffset.UTC);
    private static final Map<String, String> QUICK = Map.of("epochs", "3", "hidden.layers", "4");

    private final List<Epoch> epochs = new ArrayList<>();

    private static List<LabelledVector> vectors(List<Example> examples) {
        List<LabelledVector> vectors = new ArrayList<>();
        examples.forEach(example -> vectors.add(new LabelledVector(
                example.id(),
                example.label(),
                example.target(),
                example.split(),
                example.vector(),
                "text of " + example.id())));
        return vectors;
    }

    private ModelVersion fit(List<LabelledVector> examples, List<String> labels, Map<String, String> settings)
            throws InterruptedException {
        return LocalFit.fit(examples, SPACE, labels, settings, epochs::add, CLOCK);
    }

    private static LabelledVector labelled(String id, String label) {
        return new LabelledVector(
                id, Optional.of(label), OptionalDouble.empty(), Split.TRAIN, new float[] {id.length(), 1}, id);
    }

    @Test
    void shouldGiveASealedVersionWithItsFiguresWhenItHasFitted() throws Exception {
        List<Example> examples = new ArrayList<>(Given.mails(50, Split.TRAIN, 1));
        examples.addAll(Given.mails(30, Split.VALIDATION, 2));
        examples.addAll(Given.mails(20, Split.TEST, 3));

        ModelVersion version = fit(vectors(examples), List.of(), QUICK);

        assertThat(Predictor.of(version).task()).isEqualTo(Task.BINARY);
        assertThat(version.getVersion()).isEqualTo(1);
        assertThat(version.getLabels()).containsExactly("ham", "spam");
        assertThat(version.getTraining().getHistory()).isEqualTo(epochs).hasSize(3);
        assertThat(version.getTraining().getTrainingExamples()).isEqualTo(100);
        assertThat(version.getTraining().getTaskReason()).isEqualTo("task=auto: 2 labels");
        assertThat(version.getTraining().getParameters()).containsEntry("hidden.layers", "4");
        assertThat(version.getTraining().getDatasetFingerprint()).hasSize(64);
        assertThat(version.getEvaluations())
                .extracting(evaluation -> evaluation.getSplit() + " " + evaluation.getExamples())
                .containsExactly("VALIDATION 60", "TEST 40");
        assertThat(version.getCalibration()).isPresent();
        assertThat(version.getThreshold()).contains(0.5);
        assertThat(version.getCreatedAt()).isEqualTo(Given.TIME);
    }

    @Test
    void shouldGiveTheSameVersionWhenTheExamplesComeInAnotherOrder() throws Exception {
        List<LabelledVector> examples = vectors(Given.clouds(20, Split.TRAIN, 1));
        ModelVersion one = fit(examples, List.of(), QUICK);
        Collections.shuffle(examples, new Random(2));

        assertThat(fit(examples, List.of(), QUICK)).isEqualTo(one);
    }

    @Test
    void shouldFitLikeTheServiceWhenTheExamplesAreTheSame() throws Exception {
        List<Example> examples = Given.clouds(20, Split.TRAIN, 1);
        Hyperparameters parameters = Given.parameters().with(QUICK);
        ModelVersion drafted = new Drafting(SPACE, parameters, WordChoice.MOST, new RecordedProgress(), CLOCK)
                .draft(Splits.of(examples, parameters), examples, "default")
                .build();

        ModelVersion fitted = fit(vectors(examples), List.of(), QUICK);

        assertThat(ModelVersion.newBuilder(fitted).setSha256("").build()).isEqualTo(drafted);
    }

    @Test
    void shouldFitTwoTextsWhenThereAreNoMore() throws Exception {
        ModelVersion version = fit(List.of(labelled("1", "a"), labelled("22", "b")), List.of(), QUICK);

        assertThat(Predictor.of(version).labels()).containsExactly("a", "b");
    }

    @Test
    void shouldAnswerForLabelsWithoutAnExampleWhenTheyAreKnown() throws Exception {
        List<String> labels = List.of("3", "2", "1", "0");

        ModelVersion version = fit(List.of(labelled("1", "0"), labelled("22", "3")), labels, QUICK);

        assertThat(version.getTask()).isEqualTo(Task.MULTICLASS);
        assertThat(version.getLabels()).isEqualTo(labels);
        assertThat(Predictor.of(version).predict(new float[2])).hasSize(4);
    }

    @Test
    void shouldFitNumbersWhenThereAreNoLabels() throws Exception {
        ModelVersion version = fit(vectors(Given.plane(60, Split.TRAIN, 1)), List.of(), QUICK);

        assertThat(version.getTask()).isEqualTo(Task.REGRESSION);
        assertThat(version.getTargetScale().orElseThrow().getMean()).isBetween(80.0, 120.0);
        assertThat(version.getThreshold()).isEmpty();
        assertThat(version.getCalibration()).isEmpty();
        assertThat(epochs)
                .allSatisfy(epoch -> assertThat(epoch.getMeanAbsoluteError()).isPresent());
    }

    @ParameterizedTest
    @CsvSource({"epoch,3,cannot override epoch", "epochs,0,epochs", "task,regression,0 training examples with a number"
    })
    void shouldSayWhatIsWrongWhenItCannotFit(String name, String value, String message) {
        assertThatThrownBy(() -> fit(vectors(Given.mails(5, Split.TRAIN, 1)), List.of(), Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldSayWhatIsWrongWhenTheExamplesDoNotFit() {
        assertThatThrownBy(() -> fit(List.of(labelled("1", "a"), labelled("1", "b")), List.of(), QUICK))
                .hasMessageContaining("two examples have the id 1");
        assertThatThrownBy(() -> fit(List.of(labelled("1", "a"), labelled("2", "b")), List.of("a", "c"), QUICK))
                .hasMessageContaining("[b] are none of [a, c]");
        assertThatThrownBy(() -> fit(vectors(List.of(Given.example("1", "a", Split.TRAIN, 1))), List.of(), QUICK))
                .hasMessageContaining("has 1 numbers, its embedding space 2 dimensions");
        assertThatThrownBy(() -> new LabelledVector(
                        "x", Optional.empty(), OptionalDouble.of(Double.NaN), Split.TRAIN, new float[2], ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("target of x");
        assertThatThrownBy(() -> new LabelledVector(
                        "x", Optional.empty(), OptionalDouble.empty(), Split.TRAIN, new float[2], ""))
                .hasMessageContaining("neither");
    }
}
