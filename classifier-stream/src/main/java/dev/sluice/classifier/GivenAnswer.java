package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Source;
import java.time.Instant;
import java.util.Optional;

/**
 * What is remembered of a prediction, so that it can be scored when the post's label is known, and its score be taken back
 * when that label turns out to be wrong.
 *
 * @param source of the post that was answered
 * @param arm LIVE, CANARY or SHADOW
 * @param version the one that answered; none if there was none
 * @param label the one answered, or the most likely one if the version was too unsure to say it
 * @param confidence the probability of that label, 0 to 1
 * @param value what a regression answered
 * @param own what the post came with
 * @param beside for a shadow: what was answered live, once that is known
 * @param scoredAt since when it counts; nothing while it does not
 * @param answeredAt when the version answered, however late the label comes
 */
record GivenAnswer(
        Source source,
        Arm arm,
        Optional<Integer> version,
        boolean abstained,
        Optional<String> label,
        float confidence,
        Optional<Double> value,
        Truth own,
        Optional<Beside> beside,
        Optional<Instant> scoredAt,
        Instant answeredAt) {

    /** What the live arm, or the canary in its place, said of the same post. */
    record Beside(Optional<Integer> version, Optional<String> label, Optional<Double> value) {}

    boolean shadow() {
        return arm == Arm.SHADOW;
    }

    /** Whether both answer the same post in the same role: only one of them can count. */
    boolean sameCall(GivenAnswer other) {
        return shadow() == other.shadow() && source.equals(other.source);
    }

    /** Whether it says anything that can be right or wrong. */
    boolean says() {
        return version.isPresent() && (label.isPresent() || value.isPresent());
    }

    /** Whether it may be scored as soon as the label is known: a shadow only beside the answer that it is compared with. */
    boolean scorable() {
        return says() && (!shadow() || beside.isPresent());
    }

    GivenAnswer beside(GivenAnswer live) {
        Optional<Beside> said = Optional.of(new Beside(live.version, live.label, live.value));
        return new GivenAnswer(
                source, arm, version, abstained, label, confidence, value, own, said, scoredAt, answeredAt);
    }

    GivenAnswer scored(Optional<Instant> since) {
        return new GivenAnswer(
                source, arm, version, abstained, label, confidence, value, own, beside, since, answeredAt);
    }
}
