package dev.sluice.trainer;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;

/** Told how fits go, one call after another, from the trainer's own threads: an answer that takes long holds up the fit. */
public interface TrainingListener {
    /**
     * @param trainingExamples how many are fitted
     * @param validationExamples how many val_* are measured on, may be 0
     * @param epochs at most
     */
    void fitStarted(int trainingExamples, int validationExamples, int epochs);

    /**
     * @param epoch from 1
     * @param batch from 1
     * @param batches of the epoch
     */
    void batchEnded(int epoch, int batch, int batches);

    /** @param epochs at most */
    void epochEnded(Epoch epoch, int epochs);

    /** The version is on its topic, and its deployment too unless {@link ModelVersions#heldBack} says why not. */
    void published(ModelVersion version);

    /** A fit that was asked for is not done. */
    void refused(String reason);

    /** One that logs a line an epoch, as Keras prints it. */
    static TrainingListener logging() {
        return new ProgressLog();
    }
}
