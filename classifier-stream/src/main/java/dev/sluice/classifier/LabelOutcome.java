package dev.sluice.classifier;

import dev.sluice.classifier.Knowledge.Verdict;
import java.util.Optional;

/** What became of a label that came apart from its post. */
enum LabelOutcome {
    /** It met its post. */
    JOINED,
    /** There is no such post, or not yet, or not any more. */
    WAITING,
    /** It takes the place of another. */
    CORRECTED,
    /** It was said before. */
    REPEATED,
    /** There is no label any more. */
    WITHDRAWN,
    /** Its post was to be forgotten, and this may have been on its way then. */
    FORGOTTEN;

    static Optional<LabelOutcome> of(Knowledge before, Fact fact) {
        if (fact instanceof Fact.Withdrawn) {
            return Optional.of(WITHDRAWN);
        }
        if (fact instanceof Fact.Labelled said) {
            if (before.refuses(said)) {
                return Optional.of(FORGOTTEN);
            }
            if (before.verdict() == Verdict.LABELLED) {
                return Optional.of(before.said().equals(said.truth()) ? REPEATED : CORRECTED);
            }
            return Optional.of(before.post().isPresent() ? JOINED : WAITING);
        }
        boolean met = fact instanceof Fact.Arrived
                && before.verdict() == Verdict.LABELLED
                && before.post().isEmpty();
        return met ? Optional.of(JOINED) : Optional.empty();
    }
}
