package dev.sluice.trainer;

import java.util.Locale;

/** Which examples a fit is watched with. */
enum ValidationData {
    /** Those of the split VALIDATION; a part of TRAIN if there are none. */
    HOLDOUT,
    /** Those of the split TEST, as the reference notebook does: shown, never steering. */
    TEST,
    /** None. */
    NONE;

    String setting() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ValidationData of(String setting) {
        return valueOf(setting.toUpperCase(Locale.ROOT));
    }
}
