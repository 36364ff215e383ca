package dev.sluice.trainer;

import java.util.Locale;

/** The setting {@code optimizer}: which kind of step, by Keras' name. */
enum OptimizerName {
    ADAM,
    ADAMW,
    SGD;

    String setting() {
        return name().toLowerCase(Locale.ROOT);
    }

    static OptimizerName of(String setting) {
        return valueOf(setting.toUpperCase(Locale.ROOT));
    }

    /** What the kind has no use for is left aside. */
    Optimizer with(double learningRate, double weightDecay, double momentum) {
        return switch (this) {
            case ADAM -> new Optimizer.Adam(learningRate);
            case ADAMW -> new Optimizer.AdamW(learningRate, weightDecay);
            case SGD -> new Optimizer.Sgd(learningRate, momentum);
        };
    }
}
