package dev.sluice.trainer;

import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.SelfTest;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Vectors;
import dev.sluice.schemas.WideLayer;
import dev.sluice.schemas.WordCounts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The loop of a fit, as Keras' {@code fit} runs it: shuffle, step through the batches, then look at the validation
 * examples. An epoch's loss and accuracy are running means over its batches, taken while the weights move. An interrupt
 * ends it between two batches.
 */
final class ModelTrainer {
    private static final int SELF_TESTS = 5;

    /** Vectors answered at a time: enough that a layer's weights are read once for many. */
    private static final int ANSWERED_AT_ONCE = 256;

    private final Splits splits;
    private final LearningTask task;
    private final Hyperparameters parameters;
    private final TrainingListener listener;
    private final JointNetwork network;
    private final float[] truths;
    private final float[] weights;

    /**
     * What a fit gives.
     *
     * @param wide the layer over words, if they are read
     * @param bestEpoch the epoch whose weights these are, if not the last
     * @param temperature what makes its probabilities mean what they say, if there were examples enough to tell
     * @param selfTest a few vectors, held out where there are enough, with the fit's own answers (DL4J's, if no words are
     *     read), at that temperature; values in the targets' unit
     */
    record Fit(
            DenseNetwork network,
            Optional<WideLayer> wide,
            List<Epoch> history,
            Optional<Integer> bestEpoch,
            Optional<Double> temperature,
            List<SelfTest> selfTest) {}

    /** As {@link #ModelTrainer(Splits, Hyperparameters, int, TrainingListener)}, with as many words as are of use. */
    ModelTrainer(Splits splits, Hyperparameters parameters, TrainingListener listener) {
        this(splits, parameters, WordChoice.MOST, listener);
    }

    /**
     * @param splits with one training example or more, all of the same length, each with a label or target of its task, and
     *     with its words if the parameters read any
     * @param mostWords to be known, if any are read
     */
    ModelTrainer(Splits splits, Hyperparameters parameters, int mostWords, TrainingListener listener) {
        this.splits = splits;
        this.task = splits.task();
        this.parameters = parameters;
        this.listener = listener;
        network = new JointNetwork(
                new TrainableNetwork(
                        parameters.plan(splits.training().get(0).row().length(), task), parameters.labelSmoothing()),
                parameters.readsWords() ? Optional.of(wordWeights(mostWords)) : Optional.empty());
        truths = truthsOf(splits.training());
        weights = parameters.balancesClasses() ? balanced(splits) : plain(truths.length);
    }

    private WordWeights wordWeights(int most) {
        Iterable<WordCounts> read =
                () -> splits.training().stream().map(Example::countedWords).iterator();
        return new WordWeights(WordChoice.of(read, most), task.outputs(), parameters.wordsLearningRate());
    }

    private float[] truthsOf(List<Example> examples) {
        float[] found = new float[examples.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = task.truthOf(examples.get(i));
        }
        return found;
    }

    private static float[] plain(int count) {
        float[] weights = new float[count];
        Arrays.fill(weights, 1);
        return weights;
    }

    /** All labels that occur count the same in sum, and an example 1 on average: scikit-learn's "balanced". */
    private static float[] balanced(Splits splits) {
        Map<String, Long> counts = splits.trainingCounts();
        float[] weights = new float[splits.training().size()];
        for (int i = 0; i < weights.length; i++) {
            long alike = counts.get(splits.training().get(i).label().orElseThrow());
            weights[i] = (float) weights.length / (counts.size() * alike);
        }
        return weights;
    }

    /** @throws InterruptedException if this thread is interrupted */
    Fit fit() throws InterruptedException {
        EarlyStopping stopping = new EarlyStopping(parameters.monitor().of(task.task()), parameters.patience());
        Random random = new Random(parameters.seed());
        int[] order = IntStream.range(0, splits.training().size()).toArray();
        List<Epoch> history = new ArrayList<>();
        JointNetwork.Kept best = null;
        listener.fitStarted(order.length, splits.watchedExamples().size(), parameters.epochs());
        for (int number = 1; number <= parameters.epochs() && !stopping.isOver(); number++) {
            shuffle(order, random);
            Epoch epoch = epoch(number, order);
            history.add(epoch);
            listener.epochEnded(epoch, parameters.epochs());
            if (stopping.improvedBy(epoch) && parameters.restoreBestWeights()) {
                best = network.keep();
            }
        }
        boolean restored = best != null && stopping.bestEpoch() != history.size();
        if (restored) {
            network.restore(best);
        }
        Optional<Double> temperature = temperature();
        return new Fit(
                network.denseRecord(),
                network.wideRecord(),
                history,
                restored ? Optional.of(stopping.bestEpoch()) : Optional.empty(),
                temperature,
                selfTests(temperature));
    }

    /** Of the examples held out: those that were fitted are answered too surely to tell. Never of TEST. */
    private Optional<Double> temperature() throws InterruptedException {
        if (task.task() == Task.REGRESSION || !parameters.calibrates()) {
            return Optional.empty();
        }
        List<Example> telling = splits.validation().stream()
                .filter(example -> task.truthOf(example) != LearningTask.UNKNOWN)
                .toList();
        if (telling.size() < parameters.calibrationMinExamples()) {
            return Optional.empty();
        }
        float[][] sums = new float[telling.size()][];
        for (int from = 0; from < sums.length; from += ANSWERED_AT_ONCE) {
            stopIfInterrupted();
            float[][] some = network.sums(telling.subList(from, Math.min(from + ANSWERED_AT_ONCE, sums.length)));
            for (int i = 0; i < some.length; i++) {
                sums[from + i] = task.sumPerLabel(some[i]);
            }
        }
        int[] answers = telling.stream()
                .mapToInt(example -> (int) task.truthOf(example))
                .toArray();
        return Optional.of(Temperature.of(sums, answers));
    }

    /** Fisher and Yates. */
    private static void shuffle(int[] order, Random random) {
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int moved = order[i];
            order[i] = order[j];
            order[j] = moved;
        }
    }

    private Epoch epoch(int number, int[] order) throws InterruptedException {
        int batches = (order.length + parameters.batchSize() - 1) / parameters.batchSize();
        double losses = 0;
        PassFigures pass = new PassFigures(task);
        for (int batch = 0; batch < batches; batch++) {
            stopIfInterrupted();
            int from = batch * parameters.batchSize();
            int size = Math.min(parameters.batchSize(), order.length - from);
            List<Example> examples = new ArrayList<>(size);
            float[] wanted = new float[size];
            float[] weighing = new float[size];
            for (int i = 0; i < size; i++) {
                int example = order[from + i];
                examples.add(splits.training().get(example));
                wanted[i] = truths[example];
                weighing[i] = weights[example];
            }
            TrainableNetwork.Step step = network.fit(examples, wanted, weighing);
            losses += step.loss() * size;
            pass.add(step.outputs(), wanted);
            listener.batchEnded(number, batch + 1, batches);
        }
        Epoch.Builder epoch = Epoch.newBuilder()
                .setEpoch(number)
                .setLoss(losses / order.length * task.lossUnit())
                .setAccuracy(pass.accuracy());
        pass.auc().ifPresent(epoch::setAuc);
        pass.meanAbsoluteError().ifPresent(epoch::setMeanAbsoluteError);
        validate(epoch);
        return epoch.build();
    }

    private void validate(Epoch.Builder epoch) throws InterruptedException {
        List<Example> watched = splits.watchedExamples();
        if (watched.isEmpty()) {
            return;
        }
        PassFigures pass = new PassFigures(task);
        for (int from = 0; from < watched.size(); from += ANSWERED_AT_ONCE) {
            stopIfInterrupted();
            List<Example> some = watched.subList(from, Math.min(from + ANSWERED_AT_ONCE, watched.size()));
            pass.add(network.outputs(some), truthsOf(some));
        }
        epoch.setValLoss(pass.loss());
        epoch.setValAccuracy(pass.accuracy());
        pass.auc().ifPresent(epoch::setValAuc);
        pass.meanAbsoluteError().ifPresent(epoch::setValMeanAbsoluteError);
    }

    private List<SelfTest> selfTests(Optional<Double> temperature) {
        List<Example> from = splits.validation().size() < SELF_TESTS ? splits.training() : splits.validation();
        int count = Math.min(SELF_TESTS, from.size());
        List<Example> chosen = IntStream.range(0, count)
                .mapToObj(i -> from.get(i * from.size() / count))
                .toList();
        float[][] outputs = network.outputs(chosen, temperature.orElse(1.0));
        return IntStream.range(0, count)
                .mapToObj(i -> SelfTest.newBuilder()
                        .setInput(Vectors.toBytes(chosen.get(i).vector()))
                        .setOutput(Vectors.toBytes(task.answer(outputs[i])))
                        .setWords(network.wordsOf(chosen.get(i)).toBytes())
                        .build())
                .toList();
    }

    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the fit was stopped");
        }
    }
}
