package dev.sluice.models;

import dev.sluice.schemas.Epoch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a fit was like, epoch by epoch, as Keras' {@code History}: {@code history.get("val_loss")} has a number an epoch.
 *
 * @param epoch numbers of the epochs, from 1
 * @param history by the name of the figure ({@code loss}, {@code accuracy}, {@code val_loss}, ...), one value an epoch
 */
public record History(List<Integer> epoch, Map<String, List<Double>> history) {
    public History {
        epoch = List.copyOf(epoch);
        Map<String, List<Double>> copy = new LinkedHashMap<>();
        history.forEach((name, values) -> copy.put(name, List.copyOf(values)));
        history = Collections.unmodifiableMap(copy);
    }

    static History of(List<Epoch> epochs, Compilation compilation) {
        Map<String, List<Double>> history = new LinkedHashMap<>();
        epochs.forEach(epoch -> figures(epoch, compilation)
                .forEach((name, value) ->
                        history.computeIfAbsent(name, it -> new ArrayList<>()).add(value)));
        return new History(epochs.stream().map(Epoch::getEpoch).toList(), history);
    }

    /** An epoch's figures by name: the loss, and those that were compiled in. */
    static Map<String, Double> figures(Epoch epoch, Compilation compilation) {
        Map<String, Double> all = new LinkedHashMap<>();
        boolean numbers = epoch.getMeanAbsoluteError().isPresent();
        all.put(Compilation.LOSS, epoch.getLoss());
        all.put(Compilation.ACCURACY, epoch.getAccuracy());
        put(all, Compilation.AUC, epoch.getAuc());
        put(all, Compilation.MEAN_ABSOLUTE_ERROR, epoch.getMeanAbsoluteError());
        put(all, "val_" + Compilation.LOSS, epoch.getValLoss());
        put(all, "val_" + Compilation.ACCURACY, epoch.getValAccuracy());
        put(all, "val_" + Compilation.AUC, epoch.getValAuc());
        put(all, "val_" + Compilation.MEAN_ABSOLUTE_ERROR, epoch.getValMeanAbsoluteError());
        all.keySet().removeIf(name -> !compilation.shows(name.replaceFirst("^val_", "")));
        if (numbers) {
            all.keySet().removeIf(name -> name.endsWith(Compilation.ACCURACY));
        }
        return all;
    }

    private static void put(Map<String, Double> all, String name, Optional<Double> value) {
        value.ifPresent(number -> all.put(name, number));
    }

    /**
     * One figure, epoch by epoch.
     *
     * @throws IllegalArgumentException if there is no such figure, naming those that there are
     */
    public List<Double> get(String name) {
        return Optional.ofNullable(history.get(name))
                .orElseThrow(() -> new IllegalArgumentException(
                        "the fit has no " + name + "; it has " + String.join(", ", history.keySet())
                                + (Compilation.EVALUATED_ONLY.contains(name) ? "; evaluate tells it" : "")));
    }

    /** The figure after the last epoch. */
    public double last(String name) {
        return get(name).get(epoch.size() - 1);
    }
}
