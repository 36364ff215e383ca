package dev.sluice.models;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A text and what is known of it: its class, or a number.
 *
 * @param text not blank
 * @param label its class; empty if only a number is known
 * @param target its number, finite; empty if only the class is known
 */
public record LabelledText(String text, Optional<String> label, OptionalDouble target) {
    /** @throws IllegalArgumentException if neither or both are known, or the number is not finite */
    public LabelledText {
        if (label.isPresent() == target.isPresent()) {
            throw new IllegalArgumentException("a text has a label or a target: " + label + ", " + target);
        }
        if (!Double.isFinite(target.orElse(0))) {
            throw new IllegalArgumentException("the target of a text must be a finite number, not " + target);
        }
    }

    /** A text of this class. */
    public static LabelledText of(String text, String label) {
        return new LabelledText(text, Optional.of(label), OptionalDouble.empty());
    }

    /** A text of the class of this number, as Keras has it: from 0 to below the number of classes. */
    public static LabelledText of(String text, int classId) {
        if (classId < 0) {
            throw new IllegalArgumentException("classes count from 0, not " + classId);
        }
        return of(text, Integer.toString(classId));
    }

    /** A text with this number, for regression. */
    public static LabelledText ofTarget(String text, double target) {
        return new LabelledText(text, Optional.empty(), OptionalDouble.of(target));
    }
}
