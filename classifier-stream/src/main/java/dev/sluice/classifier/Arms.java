package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The versions that answer: the live one, one that answers a share of the posts in its place, and one that looks on. Not
 * to be changed: a switch exchanges the whole, so that each post meets one state of things and not the half of two.
 */
record Arms(Optional<Serving> live, Optional<Canary> canary, Optional<Serving> shadow) {
    static final Arms NONE = new Arms(Optional.empty(), Optional.empty(), Optional.empty());

    /** @param share of the posts, above 0, at most 1 */
    record Canary(Serving serving, double share) {

        /** Whether the post is one of the canary's, though it may not be able to answer it. */
        boolean isFor(PostVector post) {
            return CanaryShare.holds(post.id(), share);
        }
    }

    /**
     * The one answer that counts. The canary gives it only where it can: a post that has no vector in its space is the
     * live version's, as all of them were before.
     *
     * @param minConfidence see {@link Answer#of}
     */
    Answer answer(PostVector post, double minConfidence) {
        return canary.filter(
                        it -> it.isFor(post) && post.in(it.serving().spaceId()).isPresent())
                .map(it -> Answer.of(Arm.CANARY, Optional.of(it.serving()), post, minConfidence))
                .orElseGet(() -> Answer.of(Arm.LIVE, live, post, minConfidence));
    }

    /** Each version that is ready to answer, whatever its part is. */
    Optional<Serving> ready(int version) {
        return Stream.of(live, canary.map(Canary::serving), shadow)
                .flatMap(Optional::stream)
                .filter(serving -> serving.version() == version)
                .findFirst();
    }
}
