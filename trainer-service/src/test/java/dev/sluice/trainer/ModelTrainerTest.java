package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Vectors;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelTrainerTest {
    private static final TrainingListener SILENT = new RecordedProgress();

    private static ModelTrainer.Fit fit(List<Example> examples, Hyperparameters parameters)
            throws InterruptedException {
        return new ModelTrainer(Splits.of(examples, parameters), parameters, SILENT).fit();
    }

    private static final LearningTask CLOUDS = labelled(Task.MULTICLASS, "label-0", "label-1", "label-2");

    private static LearningTask labelled(Task task, String... labels) {
        return new LearningTask(task, List.of(labels), Optional.empty(), "");
    }

    private static Predictor predictor(LearningTask task, ModelTrainer.Fit fit) {
        return Predictor.ofUnsealed(TrainedVersions.of(task, fit).build());
    }

    private static double accuracy(Predictor predictor, List<Example> examples) {
        LabelScores scores = LabelScores.of(predictor);
        examples.forEach(example -> scores.add(example, predictor.predict(example.vector())));
        return scores.accuracy();
    }

    @Test
    void shouldCountAnEpochAsKerasDoesWhenItsBatchesDifferInSize() throws Exception {
        // given: vectors of zeros, so that only the biases answer; they begin at 0, and Adam's first step is as long as
        // the learning rate whatever the gradient; an even answer counts for the first label
        float[] zeros = new float[2];
        List<Example> allOfTheSecond = IntStream.range(0, 3)
                .mapToObj(i -> Given.example("e" + i, "b", Split.TRAIN, zeros))
                .toList();
        Splits splits =
                new Splits(labelled(Task.MULTICLASS, "a", "b"), allOfTheSecond, List.of(), List.of(), Split.UNKNOWN);
        Hyperparameters parameters =
                Given.parameters("hidden.layers", "", "batch.size", "2", "epochs", "2", "learning.rate", "0.5");

        // when
        List<Epoch> history = new ModelTrainer(splits, parameters, SILENT).fit().history();

        // then: a batch of two, answered evenly, then one of one after the first step
        double ofTheFirstBatch = Math.log(2);
        double ofTheSecond = Math.log(1 + Math.exp(-1));
        Epoch epoch = history.get(0);
        assertThat(epoch.getLoss()).isCloseTo((2 * ofTheFirstBatch + ofTheSecond) / 3, within(1e-5));
        assertThat(epoch.getAccuracy()).isCloseTo(1.0 / 3, within(1e-12));
        assertThat(epoch.getValLoss()).isEmpty();
        assertThat(history.get(1).getAccuracy()).isEqualTo(1);
    }

    @Test
    void shouldTellCloudsApartWhenTrained() throws Exception {
        List<Example> examples = Given.clouds(60, Split.TRAIN, 1);

        ModelTrainer.Fit fit =
                fit(examples, Given.parameters("hidden.layers", "16", "learning.rate", "0.01", "batch.size", "8"));

        List<Epoch> history = fit.history();
        assertThat(history.get(history.size() - 1).getLoss())
                .isLessThan(history.get(0).getLoss());
        Predictor predictor = predictor(CLOUDS, fit);
        assertThat(accuracy(predictor, Given.clouds(100, Split.TEST, 2))).isGreaterThan(0.95);
    }

    @Test
    void shouldLearnXorWhenThereIsAHiddenLayer() throws Exception {
        Random random = new Random(3);
        List<Example> examples = IntStream.range(0, 240)
                .mapToObj(i -> {
                    float x = random.nextFloat() * 2 - 1;
                    float y = random.nextFloat() * 2 - 1;
                    return Given.example(String.format("e%03d", i), x * y > 0 ? "same" : "other", Split.TRAIN, x, y);
                })
                .toList();
        Hyperparameters parameters = Given.parameters(
                "hidden.layers", "16", "learning.rate", "0.05", "epochs", "30", "early.stopping.monitor", "none");

        Predictor hidden = predictor(labelled(Task.BINARY, "other", "same"), fit(examples, parameters));
        Predictor linear = predictor(
                labelled(Task.BINARY, "other", "same"), fit(examples, parameters.with(Map.of("hidden.layers", ""))));

        assertThat(accuracy(hidden, examples)).isGreaterThan(0.95);
        assertThat(accuracy(linear, examples)).isLessThan(0.75);
    }

    @Test
    void shouldGiveTheSameBitsWhenExamplesAndSeedAreTheSame() throws Exception {
        Hyperparameters parameters = Given.parameters("epochs", "3", "hidden.layers", "input,7");
        List<Example> examples = Given.clouds(40, Split.TRAIN, 1);

        DenseNetwork one = fit(examples, parameters).network();
        DenseNetwork two = fit(examples, parameters).network();
        DenseNetwork other = fit(examples, parameters.with(Map.of("seed", "2"))).network();

        assertThat(two).isEqualTo(one);
        assertThat(other).isNotEqualTo(one);
    }

    @ParameterizedTest
    @CsvSource({"holdout", "test", "none"})
    void shouldGiveTheSameWeightsWhenTestExamplesChange(String validationData) throws Exception {
        Hyperparameters parameters =
                Given.parameters("epochs", "6", "early.stopping.patience", "1", "validation.data", validationData);
        List<Example> examples = Given.clouds(30, Split.TRAIN, 1);
        List<Example> withTest = new ArrayList<>(examples);
        withTest.addAll(Given.clouds(30, Split.TEST, 2));
        withTest.add(Given.example("z", "a-label-of-test-only", Split.TEST, 1, 1));

        assertThat(fit(withTest, parameters).network())
                .isEqualTo(fit(examples, parameters).network());
    }

    @Test
    void shouldAnswerLikeDl4jWhenThePredictorReadsTheWeights() throws Exception {
        // given: layers of all different widths, so that a transposed one could not go unseen
        ModelTrainer.Fit fit =
                fit(Given.clouds(20, Split.TRAIN, 1), Given.parameters("hidden.layers", "5,7", "epochs", "2"));

        // when, then: the predictor checks the self-tests itself
        assertThat(fit.selfTest()).hasSize(5);
        assertThat(predictor(CLOUDS, fit).inputs()).isEqualTo(2);
        assertThat(fit.network().getLayers())
                .extracting(layer -> layer.getInputs() + "x" + layer.getOutputs())
                .containsExactly("2x5", "5x7", "7x3");
    }

    @Test
    void shouldGiveTheSameHashOfAllWeightsWhenExamplesComeInAnotherOrder() throws Exception {
        Hyperparameters parameters = Given.parameters("epochs", "3", "hidden.layers", "9");
        List<Example> examples = new ArrayList<>(Given.clouds(40, Split.TRAIN, 1));
        examples.addAll(Given.clouds(20, Split.VALIDATION, 2));
        ModelTrainer.Fit inOrder = fit(arrived(examples), parameters);
        Collections.shuffle(examples, new Random(9));

        ModelTrainer.Fit shuffled = fit(arrived(examples), parameters);

        assertThat(hashOf(shuffled)).isEqualTo(hashOf(inOrder));
        assertThat(shuffled.temperature()).isPresent().isEqualTo(inOrder.temperature());
    }

    /** As a fit is given them when they came on the topic in this order. */
    private static List<Example> arrived(List<Example> inOrder) {
        Examples examples = new Examples(false, Given.file());
        inOrder.forEach(example -> examples.put(
                example.id(),
                Given.embedded(example.id(), example.label().orElseThrow(), example.split(), example.vector())
                        .build(),
                example.place()));
        return examples.snapshot().orElseThrow().learnable();
    }

    private static String hashOf(ModelTrainer.Fit fit) throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        fit.network().getLayers().forEach(layer -> {
            sha256.update(layer.getWeights().duplicate());
            sha256.update(layer.getBiases().duplicate());
        });
        return HexFormat.of().formatHex(sha256.digest());
    }

    @ParameterizedTest
    @CsvSource({"49,temperature,false", "50,temperature,true", "51,temperature,true", "51,none,false"})
    void shouldCalibrateWhenThereAreEnoughValidationExamples(int count, String calibration, boolean calibrated)
            throws Exception {
        List<Example> examples = new ArrayList<>(Given.clouds(30, Split.TRAIN, 1));
        examples.addAll(Given.clouds(17, Split.VALIDATION, 2).subList(0, count));
        examples.add(Given.example("z", "a-label-not-trained", Split.VALIDATION, 1, 1));
        examples.addAll(Given.clouds(30, Split.TEST, 3));

        ModelTrainer.Fit fit = fit(examples, Given.parameters("epochs", "2", "calibration", calibration));

        assertThat(fit.temperature().isPresent()).isEqualTo(calibrated);
    }

    @ParameterizedTest
    @CsvSource({"''", "'6'"})
    void shouldMeanWhatItSaysWhenCalibrated(String hiddenLayers) throws Exception {
        // given: a third of the labels is wrong, and a fit of few examples for so long that it is far too sure of them
        List<Example> examples = new ArrayList<>(noisy(Given.clouds(40, Split.TRAIN, 1)));
        List<Example> heldOut = noisy(Given.clouds(100, Split.VALIDATION, 2));
        examples.addAll(heldOut);
        Hyperparameters parameters = Given.parameters(
                "epochs", "60", "learning.rate", "0.3", "hidden.layers", hiddenLayers, "batch.size", "8");
        parameters = parameters.with(Map.of("early.stopping.monitor", "none"));

        // when
        ModelTrainer.Fit fit = fit(examples, parameters);
        ModelTrainer.Fit raw = fit(examples, parameters.with(Map.of("calibration", "none")));

        // then: the predictors check DL4J's answers at the temperature, and without
        LabelScores calibrated = (LabelScores) Scores.of(heldOut, predictor(CLOUDS, fit));
        LabelScores uncalibrated = (LabelScores) Scores.of(heldOut, predictor(CLOUDS, raw));
        assertThat(fit.network()).isEqualTo(raw.network());
        assertThat(fit.temperature().orElseThrow()).isGreaterThan(1.2);
        assertThat(calibrated.accuracy()).isEqualTo(uncalibrated.accuracy());
        assertThat(calibrated.loss()).isLessThan(uncalibrated.loss());
        assertThat(calibrated.calibrationError()).isLessThan(uncalibrated.calibrationError() / 2);
        assertThat(fit.selfTest()).hasSize(5).isNotEqualTo(raw.selfTest());
    }

    @ParameterizedTest
    @CsvSource({"4, TRAIN", "5, VALIDATION", "6, VALIDATION"})
    void shouldTestItselfOnVectorsHeldOutWhenThereAreEnough(int heldOut, Split split) throws Exception {
        List<Example> examples = new ArrayList<>(Given.clouds(20, Split.TRAIN, 1));
        examples.addAll(Given.clouds(20, Split.VALIDATION, 2).subList(0, heldOut));

        ModelTrainer.Fit fit = fit(examples, Given.parameters("epochs", "2"));

        List<ByteBuffer> ofSplit = examples.stream()
                .filter(example -> example.split() == split)
                .map(example -> Vectors.toBytes(example.vector()))
                .toList();
        assertThat(fit.selfTest()).hasSize(5).allMatch(test -> ofSplit.contains(test.getInput()));
    }

    /** Every third is said to be of the next label. */
    private static List<Example> noisy(List<Example> examples) {
        return IntStream.range(0, examples.size())
                .mapToObj(i -> {
                    Example example = examples.get(i);
                    int label = example.label().orElseThrow().charAt(6) - '0';
                    return i % 3 > 0
                            ? example
                            : Given.example(
                                    example.id(), "label-" + (label + 1) % 3, example.split(), example.vector());
                })
                .toList();
    }

    @Test
    void shouldKeepTheBestEpochsWeightsWhenAskedTo() throws Exception {
        // given: steps so long that the fit gets worse after some epochs
        Hyperparameters last = Given.parameters(
                "learning.rate", "3", "batch.size", "4", "early.stopping.monitor", "loss", "hidden.layers", "8");
        Hyperparameters best = last.with(Map.of("restore.best.weights", "true"));
        List<Example> examples = Given.clouds(10, Split.TRAIN, 1);

        ModelTrainer.Fit kept = fit(examples, best);

        List<Epoch> history = kept.history();
        int lowest = Collections.min(history, (a, b) -> Double.compare(a.getLoss(), b.getLoss()))
                .getEpoch();
        assertThat(lowest).isLessThan(history.size());
        assertThat(kept.bestEpoch()).contains(lowest);
        assertThat(kept.network())
                .isEqualTo(
                        fit(examples, last.with(Map.of("epochs", "" + lowest))).network())
                .isNotEqualTo(fit(examples, last).network());
    }

    @Test
    void shouldMeasureValidationAfterTheEpochWhenThereAreValidationExamples() throws Exception {
        List<Example> examples = new ArrayList<>(Given.clouds(30, Split.TRAIN, 1));
        List<Example> validation = Given.clouds(7, Split.VALIDATION, 2);
        examples.addAll(validation);

        ModelTrainer.Fit fit = fit(examples, Given.parameters("epochs", "2"));

        Predictor predictor = predictor(CLOUDS, fit);
        LabelScores scores = LabelScores.of(predictor);
        validation.forEach(example -> scores.add(example, predictor.predict(example.vector())));
        Epoch last = fit.history().get(1);
        assertThat(last.getValLoss().get()).isCloseTo(scores.loss(), within(1e-5));
        assertThat(last.getValAccuracy()).contains(scores.accuracy());
    }

    @Test
    void shouldStopBetweenBatchesWhenInterrupted() {
        RecordedProgress progress = new RecordedProgress();
        progress.onBatch = () -> Thread.currentThread().interrupt();
        Hyperparameters parameters = Given.parameters();
        Splits splits = Splits.of(Given.clouds(30, Split.TRAIN, 1), parameters);

        assertThatThrownBy(() -> new ModelTrainer(splits, parameters, progress).fit())
                .isInstanceOf(InterruptedException.class);

        assertThat(progress.lines).hasSize(2).last().asString().startsWith("batch 1 1/");
    }

    @Test
    void shouldTellEveryStepWhenItFits() throws Exception {
        RecordedProgress progress = new RecordedProgress();
        Hyperparameters parameters = Given.parameters("epochs", "2", "batch.size", "4", "validation.data", "none");

        new ModelTrainer(Splits.of(Given.clouds(2, Split.TRAIN, 1), parameters), parameters, progress).fit();

        assertThat(progress.lines)
                .containsExactly(
                        "started 6 0 2",
                        "batch 1 1/2",
                        "batch 1 2/2",
                        "epoch 1/2",
                        "batch 2 1/2",
                        "batch 2 2/2",
                        "epoch 2/2");
    }

    @Test
    void shouldCountAnEpochOfTwoLabelsAsKerasDoes() throws Exception {
        // given: as above, one sigmoid at first even
        float[] zeros = new float[2];
        List<Example> examples = List.of(
                Given.example("e0", "b", Split.TRAIN, zeros),
                Given.example("e1", "b", Split.TRAIN, zeros),
                Given.example("e2", "b", Split.TRAIN, zeros),
                Given.example("v0", "a", Split.VALIDATION, zeros),
                Given.example("v1", "b", Split.VALIDATION, zeros),
                Given.example("v2", "stranger", Split.VALIDATION, zeros));
        Splits splits = new Splits(
                labelled(Task.BINARY, "a", "b"),
                examples.subList(0, 3),
                examples.subList(3, 6),
                List.of(),
                Split.VALIDATION);

        // when
        Epoch epoch = new ModelTrainer(
                        splits,
                        Given.parameters("hidden.layers", "", "batch.size", "2", "epochs", "1", "learning.rate", "0.5"),
                        SILENT)
                .fit()
                .history()
                .get(0);

        // then: a step of the learning rate after each of the two batches
        double afterOne = Math.log(1 + Math.exp(-0.5));
        assertThat(epoch.getLoss()).isCloseTo((2 * Math.log(2) + afterOne) / 3, within(1e-5));
        assertThat(epoch.getAccuracy()).isEqualTo(1); // an even answer counts for the second label
        assertThat(epoch.getAuc()).isEmpty(); // of one label alone
        assertThat(epoch.getValAccuracy().orElseThrow()).isCloseTo(1.0 / 3, within(1e-12));
        assertThat(epoch.getValAuc()).contains(0.5);
        double sum = inverse(epoch, 1e-7);
        assertThat(sum).isBetween(0.5, 1.0);
    }

    /** The sum that the three validation examples were answered by, from their loss. */
    private static double inverse(Epoch epoch, double cutOff) {
        double both = 3 * epoch.getValLoss().orElseThrow() + Math.log(cutOff); // log(1 + e^s) + log(1 + e^-s)
        return Math.log((Math.exp(both) - 2 + Math.sqrt(Math.exp(both) * (Math.exp(both) - 4))) / 2);
    }

    @Test
    void shouldCountAnEpochOfNumbersInTheirOwnUnit() throws Exception {
        // given: targets 90 and 110, so 100 is answered at first, and vectors of zeros, so that only the bias moves
        List<Example> examples = List.of(
                Given.numbered("e0", 90, Split.TRAIN, 0, 0),
                Given.numbered("e1", 110, Split.TRAIN, 0, 0),
                Given.numbered("v0", 100, Split.VALIDATION, 0, 0),
                Given.numbered("v1", 130, Split.VALIDATION, 0, 0));

        ModelTrainer.Fit fit = fit(examples, Given.parameters("hidden.layers", "", "epochs", "1"));

        Epoch epoch = fit.history().get(0);
        assertThat(epoch.getLoss()).isCloseTo(100, within(1e-4));
        assertThat(epoch.getMeanAbsoluteError().orElseThrow()).isCloseTo(10, within(1e-5));
        assertThat(epoch.getAccuracy()).isZero();
        assertThat(epoch.getValLoss().orElseThrow()).isCloseTo(450, within(1.0));
        assertThat(epoch.getValMeanAbsoluteError().orElseThrow()).isCloseTo(15, within(0.1));
        assertThat(epoch.getAuc()).isEmpty();
    }

    @Test
    void shouldRankTwoLabelsWhenItHasLearnedThem() throws Exception {
        List<Example> examples = new ArrayList<>(Given.mails(100, Split.TRAIN, 1));
        List<Example> validation = Given.mails(60, Split.VALIDATION, 2);
        examples.addAll(validation);

        Splits splits = Splits.of(examples, Given.parameters());
        ModelTrainer.Fit fit = new ModelTrainer(splits, Given.parameters("learning.rate", "0.01"), SILENT).fit();

        // the predictor checks the self-tests, at the temperature, itself
        Predictor predictor = predictor(splits.task(), fit);
        assertThat(fit.temperature()).isPresent();
        assertThat(fit.selfTest()).hasSize(5);
        assertThat(fit.network().getLayers().get(1).getOutputs()).isEqualTo(1);
        LabelScores scores = (LabelScores) Scores.of(validation, predictor);
        Epoch last = fit.history().get(fit.history().size() - 1);
        assertThat(last.getValAuc())
                .isEqualTo(scores.evaluation(Split.VALIDATION).getAuc());
        assertThat(last.getValAccuracy()).contains(scores.accuracy());
        assertThat(last.getAuc().orElseThrow()).isGreaterThan(0.9);
    }

    @Test
    void shouldFitThePlaneWhenTargetsLieOnOne() throws Exception {
        List<Example> examples = new ArrayList<>(Given.plane(300, Split.TRAIN, 1));
        List<Example> validation = Given.plane(50, Split.VALIDATION, 2);
        examples.addAll(validation);
        Hyperparameters parameters =
                Given.parameters("hidden.layers", "", "learning.rate", "0.05", "early.stopping.monitor", "val_mae");

        Splits splits = Splits.of(examples, parameters);
        ModelTrainer.Fit fit = new ModelTrainer(splits, parameters, SILENT).fit();

        Predictor predictor = predictor(splits.task(), fit);
        Evaluation evaluation = Scores.of(validation, predictor).evaluation(Split.VALIDATION);
        Epoch last = fit.history().get(fit.history().size() - 1);
        assertThat(evaluation.getRSquared().orElseThrow()).isGreaterThan(0.99);
        assertThat(last.getValLoss().orElseThrow()).isCloseTo(evaluation.getLoss(), within(1e-3));
        assertThat(last.getValMeanAbsoluteError().orElseThrow())
                .isCloseTo(evaluation.getMeanAbsoluteError().orElseThrow(), within(1e-4));
        assertThat(fit.temperature()).isEmpty();
        assertThat(Vectors.fromBytes(fit.selfTest().get(0).getOutput())).hasSize(1);
    }

    @Test
    void shouldWeighEachLabelTheSameWhenClassesAreBalanced() throws Exception {
        // given: nine of a and one of b, which look alike: only the bias can tell how many there are
        List<Example> examples = IntStream.range(0, 10)
                .mapToObj(i -> Given.example("e" + i, i == 0 ? "b" : "a", Split.TRAIN, 0, 0))
                .toList();
        Hyperparameters parameters = Given.parameters("hidden.layers", "", "epochs", "400", "learning.rate", "0.05")
                .with(Map.of("validation.data", "none", "early.stopping.monitor", "none"));

        ModelTrainer.Fit plain = fit(examples, parameters);
        ModelTrainer.Fit balanced = fit(examples, parameters.with(Map.of("class.weights", "balanced")));

        LearningTask task = labelled(Task.BINARY, "a", "b");
        assertThat(predictor(task, plain).predict(new float[2])[1]).isCloseTo(0.1f, within(1e-3f));
        assertThat(predictor(task, balanced).predict(new float[2])[1]).isCloseTo(0.5f, within(1e-3f));
        Epoch last = balanced.history().get(399);
        assertThat(last.getLoss()).isCloseTo(Math.log(2), within(1e-3)); // Keras shows the weighted loss
    }

    @Test
    void shouldStopByTheAreaUnderTheCurveWhenToldTo() throws Exception {
        List<Example> examples = new ArrayList<>(Given.mails(40, Split.TRAIN, 1));
        examples.addAll(Given.mails(40, Split.VALIDATION, 2));
        Hyperparameters parameters = Given.parameters("early.stopping.monitor", "val_auc", "epochs", "60")
                .with(Map.of("restore.best.weights", "true", "learning.rate", "0.1"));

        ModelTrainer.Fit fit = fit(examples, parameters);

        int stopped = fit.history().size();
        int best = fit.bestEpoch().orElse(stopped);
        assertThat(stopped).isLessThan(60).isEqualTo(best + 3);
        assertThat(fit.history()).allSatisfy(epoch -> assertThat(
                        epoch.getValAuc().orElseThrow())
                .isLessThanOrEqualTo(fit.history().get(best - 1).getValAuc().orElseThrow()));
    }
}
