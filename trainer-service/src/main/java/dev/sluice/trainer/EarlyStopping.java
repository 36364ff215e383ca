package dev.sluice.trainer;

import dev.sluice.schemas.Epoch;

/**
 * Ends a fit once its figure has not improved for a number of epochs. It counts as Keras' callback of that name does, with
 * a least improvement of 0: an equal figure is no improvement, and the first epoch never ends a fit. Not thread-safe.
 *
 * <p>Source: keras/src/callbacks/early_stopping.py, the meaning only.
 */
final class EarlyStopping {
    private final Monitor monitor;
    private final int patience;
    private double best = Double.NEGATIVE_INFINITY;
    private int bestEpoch;
    private int waited;
    private boolean over;

    /** @param patience epochs without an improvement after which the fit ends, 0 or more; 0 counts as 1 */
    EarlyStopping(Monitor monitor, int patience) {
        this.monitor = monitor;
        this.patience = patience;
    }

    /**
     * Takes the next epoch's figures.
     *
     * @return whether this epoch is the best so far
     */
    boolean improvedBy(Epoch epoch) {
        if (monitor == Monitor.NONE) {
            return false;
        }
        double goodness = monitor.goodness(epoch).orElse(Double.NaN);
        if (goodness > best) {
            best = goodness;
            bestEpoch = epoch.getEpoch();
            waited = 0;
            return true;
        }
        waited++;
        over = waited >= patience && epoch.getEpoch() > 1;
        return false;
    }

    boolean isOver() {
        return over;
    }

    /** The best epoch so far, from 1; 0 if there is none. */
    int bestEpoch() {
        return bestEpoch;
    }
}
