package dev.sluice.classifier;

import dev.sluice.schemas.Source;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is remembered of one post id, less the post itself: what was said of its label or target, which post has it, which example
 * lies on {@code labeled-vectors}, and what versions answered.
 *
 * @param said something exactly if the verdict is LABELLED
 * @param post the newest post with this id
 * @param example what went out, if it stands
 * @param answers oldest first, {@link #MOST_ANSWERS} at most, one for each source and role
 * @param forgottenAt exactly if the verdict is FORGOTTEN
 */
record Knowledge(
        Verdict verdict,
        Truth said,
        Optional<KnownPost> post,
        Optional<SentExample> example,
        List<GivenAnswer> answers,
        Optional<Instant> forgottenAt) {

    /** Of an id that is used again and again only so many answers are remembered; scores of older ones stand as they are. */
    static final int MOST_ANSWERS = 16;

    static final Knowledge NOTHING = new Knowledge(
            Verdict.NOTHING_SAID, Truth.NOTHING, Optional.empty(), Optional.empty(), List.of(), Optional.empty());

    /** What records on {@code labels} say; the codec knows them by their names. */
    enum Verdict {
        NOTHING_SAID,
        LABELLED,
        WITHDRAWN,
        FORGOTTEN
    }

    /**
     * @param own what it came with
     * @param answered whether it was predicted before it may be learned from
     */
    record KnownPost(Source source, Truth own, boolean answered) {}

    /** The example that was made of a post, and by which truth. */
    record SentExample(Source source, Truth truth) {}

    Knowledge {
        if (said.isKnown() != (verdict == Verdict.LABELLED)) {
            throw new IllegalArgumentException(verdict + " with " + said);
        }
        if (forgottenAt.isPresent() != (verdict == Verdict.FORGOTTEN)) {
            throw new IllegalArgumentException(verdict + " with something forgotten at " + forgottenAt);
        }
        answers = List.copyOf(answers);
    }

    /** Nothing but that the post was to be forgotten. */
    static Knowledge forgotten(Instant at) {
        return new Knowledge(
                Verdict.FORGOTTEN, Truth.NOTHING, Optional.empty(), Optional.empty(), List.of(), Optional.of(at));
    }

    /**
     * Whether the label says nothing, because the post was to be forgotten and this may have been on its way then. Whoever
     * wants the post back says when he says so.
     */
    boolean refuses(Fact.Labelled label) {
        return forgottenAt.isPresent()
                && label.saidAt().filter(forgottenAt.get()::isBefore).isEmpty();
    }

    /** What counts of what a post came with and of what was said since. */
    Truth truthOf(Truth own) {
        return verdict == Verdict.NOTHING_SAID ? own : said;
    }

    /** @param newVerdict other than FORGOTTEN */
    Knowledge with(Verdict newVerdict, Truth newTruth) {
        return new Knowledge(newVerdict, newTruth, post, example, answers, Optional.empty());
    }

    Knowledge with(Optional<KnownPost> newPost) {
        return new Knowledge(verdict, said, newPost, example, answers, forgottenAt);
    }

    Knowledge withExample(Optional<SentExample> newExample) {
        return new Knowledge(verdict, said, post, newExample, answers, forgottenAt);
    }

    Knowledge with(List<GivenAnswer> newAnswers) {
        return new Knowledge(verdict, said, post, example, newAnswers, forgottenAt);
    }
}
