package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fits that read words beside the vector. */
class JointFitTest {
    private static final String[] TOPICS = {"orbit", "pill", "chip"};

    /** Vectors that say nothing, texts that say all. */
    private static List<Example> tellingTexts(int count, int labels, Split split, boolean numbers, boolean keepsWords) {
        Random random = new Random(count);
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int topic = i % labels;
            Post.Builder post =
                    Post.newBuilder().setId(split + "-" + i).setText("").setSplit(split);
            if (numbers) {
                post.setTarget(10.0 * topic);
            } else {
                post.setLabel("label-" + topic);
            }
            examples.add(Example.of(
                    split + "-%04d".formatted(i),
                    Given.embedded("e" + i, "", split, (float) random.nextGaussian() / 100, 0)
                            .setPost(post.build())
                            .setText("The " + TOPICS[topic] + " and nothing else of interest")
                            .build(),
                    Given.place(0, i),
                    keepsWords));
        }
        return examples;
    }

    private static ModelVersion version(Splits splits, Hyperparameters parameters) throws InterruptedException {
        return TrainedVersions.of(splits.task(), new ModelTrainer(splits, parameters, new RecordedProgress()).fit())
                .build();
    }

    private static Splits splits(int labels, boolean numbers, Hyperparameters parameters) {
        List<Example> all = new ArrayList<>(tellingTexts(150, labels, Split.TRAIN, numbers, true));
        all.addAll(tellingTexts(60, labels, Split.VALIDATION, numbers, true));
        return Splits.of(all, parameters);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void shouldLearnFromTheWordsWhenTheVectorsSayNothing(int labels) throws Exception {
        Hyperparameters parameters = Given.parameters("words", "auto", "hidden.layers", "4", "epochs", "20");
        Splits splits = splits(labels, false, parameters);

        Predictor predictor = Predictor.ofUnsealed(version(splits, parameters));

        assertThat(predictor.readsWords()).isTrue();
        assertThat(predictor.version().getSelfTest())
                .hasSize(5)
                .allSatisfy(test -> assertThat(test.getWords().remaining()).isPositive());
        assertThat(Scores.of(splits.validation(), predictor)
                        .evaluation(Split.VALIDATION)
                        .getAccuracy())
                .isEqualTo(1);
    }

    @Test
    void shouldLearnNumbersFromTheWordsWhenTheVectorsSayNothing() throws Exception {
        Hyperparameters parameters = Given.parameters(
                "words", "auto", "hidden.layers", "", "epochs", "60", "early.stopping.monitor", "none");
        Splits splits = splits(3, true, parameters);

        Predictor predictor = Predictor.ofUnsealed(version(splits, parameters));

        assertThat(Scores.of(splits.validation(), predictor)
                        .evaluation(Split.VALIDATION)
                        .getRSquared()
                        .orElseThrow())
                .isGreaterThan(0.95);
    }

    @Test
    void shouldGiveTheSameBitsWhenTheSeedIsTheSame() throws Exception {
        Hyperparameters parameters = Given.parameters("profile", "best", "epochs", "3");

        ModelVersion one = version(splits(3, false, parameters), parameters);
        ModelVersion two = version(splits(3, false, parameters), parameters);

        assertThat(two.getWide()).isPresent().isEqualTo(one.getWide());
        assertThat(two.getNetwork()).isEqualTo(one.getNetwork());
    }

    @Test
    void shouldKeepTheBestEpochsWordsWhenTheyAreRestored() throws Exception {
        String[] oneEpoch = {"words", "auto", "hidden.layers", "4", "epochs", "1"};
        Hyperparameters parameters = Given.parameters(oneEpoch);
        ModelVersion first = version(splits(3, false, parameters), parameters);

        // the accuracy is all there is after the first epoch, or nearly: patience 0 ends the fit at once, or after the
        // best
        Hyperparameters restoring = parameters.with(
                Map.of("epochs", "2", "early.stopping.monitor", "val_accuracy", "restore.best.weights", "true"));
        Splits splits = splits(3, false, restoring);
        ModelTrainer.Fit fit = new ModelTrainer(splits, restoring, new RecordedProgress()).fit();

        assertThat(fit.history().get(0).getValAccuracy()).isEqualTo(Optional.of(1.0));
        assertThat(fit.bestEpoch()).contains(1);
        assertThat(fit.wide()).isEqualTo(first.getWide());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void shouldKnowNoMoreWordsWhenTheyAreLimited(int most) throws Exception {
        Hyperparameters parameters = Given.parameters("words", "auto", "hidden.layers", "", "epochs", "1");
        Splits splits = splits(3, false, parameters);

        ModelTrainer.Fit fit = new ModelTrainer(splits, parameters, most, new RecordedProgress()).fit();

        assertThat(fit.wide().orElseThrow().getHashes().remaining()).isEqualTo(8 * most);
        assertThat(Predictor.ofUnsealed(TrainedVersions.of(splits.task(), fit).build())
                        .readsWords())
                .isTrue();
    }

    @Test
    void shouldRefuseWordsWhenTheTrainerKeepsNone() {
        Hyperparameters parameters = Given.parameters("words", "auto");
        Splits splits = Splits.of(tellingTexts(30, 3, Split.TRAIN, false, false), parameters);

        assertThat(new TrainingPolicy(TrainingPolicy.Trigger.REQUEST, 1, 1, 1).refusal(splits, parameters))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("words=auto").contains("configuration"));
        assertThatThrownBy(() -> splits.training().get(0).countedWords()).isInstanceOf(IllegalStateException.class);
    }

    /** Against finite differences in float64. */
    @ParameterizedTest
    @EnumSource(names = {"MULTICLASS", "BINARY"})
    void shouldHaveTheGradientOfTheSmoothedLossWhenTruthsAreSmoothed(Task task) {
        int columns = task == Task.MULTICLASS ? 3 : 1;
        HeadLoss head = new HeadLoss(task, 0.3);
        float[] sums = task == Task.MULTICLASS ? new float[] {0.5f, -1, 2} : new float[] {0.7f};
        float[] answers = sums.clone();
        head.answer(answers);

        double loss = 2 * head.loss(answers, 1);
        float[] errors = head.errors(answers, 1, 2);

        assertThat(loss).isEqualTo(reference(task, sums, 0.3), within(1e-6));
        for (int i = 0; i < columns; i++) {
            double slope = (referenceMoved(task, sums, i, 1e-3) - referenceMoved(task, sums, i, -1e-3)) / 2e-3;
            assertThat((double) errors[i]).isEqualTo(slope, within(1e-4));
        }
    }

    private static double referenceMoved(Task task, float[] sums, int at, double by) {
        float[] moved = sums.clone();
        moved[at] += (float) by;
        return reference(task, moved, 0.3);
    }

    /** Twice the cross-entropy of the second label's truth, a part of which is spread evenly. */
    private static double reference(Task task, float[] given, double smoothing) {
        float[] sums = task == Task.BINARY ? new float[] {0, given[0]} : given;
        double total = 0;
        for (float sum : sums) {
            total += Math.exp(sum);
        }
        double loss = 0;
        for (int i = 0; i < sums.length; i++) {
            double truth = smoothing / sums.length + (i == 1 ? 1 - smoothing : 0);
            loss -= truth * (sums[i] - Math.log(total));
        }
        return 2 * loss;
    }

    @Test
    void shouldCarryTheWeightsOfEveryWordWhenItBecomesARecord() throws Exception {
        Hyperparameters parameters = Given.parameters("words", "auto", "hidden.layers", "", "epochs", "1");

        ModelVersion version = version(splits(3, false, parameters), parameters);

        int words = version.getInputs().get(1).getWidth();
        assertThat(Vectors.fromBytes(version.getWide().orElseThrow().getWeights()))
                .hasSize(3 * words);
    }
}
