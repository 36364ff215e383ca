package dev.sluice.cli;

import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.trainer.TrainingListener;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Follows a fit for two readers: who waits for it learns that it gets on, and a screen is told of each step. */
final class FitWatch implements TrainingListener {
    /** What a screen shows of a fit; called on the trainer's thread. */
    interface Screen {
        void fitStarted(int trainingExamples, int validationExamples);

        void batchEnded(int epoch, int epochs, int batch, int batches);

        void epochEnded(Epoch epoch, int epochs);
    }

    private final Screen screen;
    private final AtomicLong steps = new AtomicLong();
    private final AtomicReference<Optional<String>> refusal = new AtomicReference<>(Optional.empty());
    private int epochs;

    FitWatch(Screen screen) {
        this.screen = screen;
    }

    /** A number that grows with every batch. */
    long step() {
        return steps.get();
    }

    Optional<String> refusal() {
        return refusal.get();
    }

    @Override
    public void fitStarted(int trainingExamples, int validationExamples, int epochs) {
        this.epochs = epochs;
        steps.incrementAndGet();
        screen.fitStarted(trainingExamples, validationExamples);
    }

    @Override
    public void batchEnded(int epoch, int batch, int batches) {
        steps.incrementAndGet();
        screen.batchEnded(epoch, epochs, batch, batches);
    }

    @Override
    public void epochEnded(Epoch epoch, int epochs) {
        steps.incrementAndGet();
        screen.epochEnded(epoch, epochs);
    }

    @Override
    public void published(ModelVersion version) {
        steps.incrementAndGet();
    }

    @Override
    public void refused(String reason) {
        refusal.set(Optional.of(reason));
    }
}
