package dev.sluice.trainer;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Named sets of hyper-parameters, for what is not set otherwise. */
enum Profile {
    /** The reference notebook's, as Keras means them: the settings' own defaults. */
    NOTEBOOK,

    /** What did best on 20 Newsgroups, cross-validated on its TRAIN alone: see docs/accuracy.md. */
    BEST;

    String setting() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Profile of(String setting) {
        return named(setting).orElseThrow();
    }

    static Optional<Profile> named(String setting) {
        return Arrays.stream(values())
                .filter(profile -> profile.setting().equals(setting))
                .findFirst();
    }

    /** By the names of {@link HyperparameterSettings}; what is not named has the setting's own default. */
    Map<String, String> settings() {
        return switch (this) {
            case NOTEBOOK -> Map.of();
            case BEST ->
                Map.of(
                        HyperparameterSettings.WORDS, HyperparameterSettings.AUTO,
                        HyperparameterSettings.DROPOUT, "0.5",
                        HyperparameterSettings.LABEL_SMOOTHING, "0.1",
                        HyperparameterSettings.EPOCHS, "12",
                        HyperparameterSettings.MONITOR, Monitor.NONE.setting(),
                        HyperparameterSettings.VALIDATION_FRACTION, "0.05");
        };
    }
}
