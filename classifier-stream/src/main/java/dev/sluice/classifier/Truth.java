package dev.sluice.classifier;

import dev.sluice.schemas.Targets;
import java.util.Optional;

/**
 * What is known to be true of a post: the class that it belongs to, the number that it stands for, both, or nothing. What is
 * said of it later is the whole truth and takes the place of all that was said before, for a compacted topic keeps the last
 * record only.
 *
 * @param target a post may bring one that is not finite, or too large: it is passed on, so that the trainer can say so, and measures nothing
 */
record Truth(Optional<String> label, Optional<Double> target) {
    static final Truth NOTHING = new Truth(Optional.empty(), Optional.empty());

    static Truth of(String label) {
        return new Truth(Optional.of(label), Optional.empty());
    }

    static Truth of(double target) {
        return new Truth(Optional.empty(), Optional.of(target));
    }

    boolean isKnown() {
        return label.isPresent() || target.isPresent();
    }

    /**
     * The half of it that an answer can be measured by: the number for a number, the class for a class.
     *
     * @return empty if that half is not known
     */
    Optional<Truth> measuring(GivenAnswer answer) {
        return answer.value().isPresent() ? target.filter(Targets::canBeLearned).map(Truth::of) : label.map(Truth::of);
    }
}
