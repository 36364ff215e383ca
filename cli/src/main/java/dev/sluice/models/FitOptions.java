package dev.sluice.models;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * What may be said to {@code fit}, under Keras' names; every method gives a copy that differs in this. What is not said is the
 * trainer's default (20 epochs, batches of 32), but that nothing is held out and no epoch left out, as in Keras.
 *
 * @param settings of the trainer, by name
 * @param onEpochEnd told each epoch's number, from 1, and its figures, on the thread that fits
 */
public record FitOptions(Map<String, String> settings, BiConsumer<Integer, Map<String, Double>> onEpochEnd) {
    private static final String MONITOR = "early.stopping.monitor";
    private static final String PATIENCE = "early.stopping.patience";

    public FitOptions {
        settings = Map.copyOf(settings);
    }

    public static FitOptions defaults() {
        return new FitOptions(Map.of(), (epoch, figures) -> {});
    }

    /** Any setting of the trainer, by its name. */
    public FitOptions with(String name, String value) {
        Map<String, String> more = new TreeMap<>(settings);
        more.put(name, value);
        return new FitOptions(more, onEpochEnd);
    }

    /** Epochs at most, 1 or more. */
    public FitOptions epochs(int count) {
        return with("epochs", Integer.toString(count));
    }

    /** Texts a step, 1 or more. */
    public FitOptions batchSize(int count) {
        return with("batch.size", Integer.toString(count));
    }

    /** The share of the training texts that is held out, 0 to below 1; where validation texts are given it has no effect. */
    public FitOptions validationSplit(double share) {
        return with("validation.fraction", Double.toString(share));
    }

    /**
     * @param monitor accuracy, loss, auc or mae, with val_ before it those of the validation texts; none for no early stopping
     * @param patience epochs without an improvement, 0 or more
     * @param restoreBestWeights whether the best epoch's weights are kept
     */
    public FitOptions earlyStopping(String monitor, int patience, boolean restoreBestWeights) {
        return with(MONITOR, monitor)
                .with(PATIENCE, Integer.toString(patience))
                .with("restore.best.weights", Boolean.toString(restoreBestWeights));
    }

    /** Rare classes count as much as frequent ones. */
    public FitOptions balancedClassWeights() {
        return with("class.weights", "balanced");
    }

    public FitOptions onEpochEnd(BiConsumer<Integer, Map<String, Double>> callback) {
        return new FitOptions(settings, callback);
    }
}
