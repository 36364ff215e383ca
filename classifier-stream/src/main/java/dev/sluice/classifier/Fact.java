package dev.sluice.classifier;

import dev.sluice.schemas.Source;
import java.time.Instant;
import java.util.Optional;

/** One thing that is heard of a post id. Facts come in any order, each from a topic of its own. */
sealed interface Fact {
    /**
     * The post is there, with its vector.
     *
     * @param truth what it came with, if it did
     */
    record Arrived(Source source, Truth truth) implements Fact {}

    /** A version has answered the post, or there was none to answer. */
    record Answered(GivenAnswer answer) implements Fact {}

    /**
     * Somebody says the post's label, its target, or both.
     *
     * @param truth something
     * @param saidAt when, if that is known
     */
    record Labelled(Truth truth, Optional<Instant> saidAt) implements Fact {
        public Labelled {
            if (!truth.isKnown()) {
                throw new IllegalArgumentException("whoever says nothing withdraws what was said");
            }
        }
    }

    /**
     * Somebody says that the post has neither.
     *
     * @param forget whether what is remembered of the post is to be forgotten too
     */
    record Withdrawn(boolean forget) implements Fact {}
}
