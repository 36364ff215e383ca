package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which posts are kept back to test on, where the data do not say: a fifth, by a hash of what they say. So it is the same
 * fifth on every machine and in any order, more posts move none, and twins never stand on both sides.
 */
final class TestSplit {
    private static final int ONE_IN = 5;

    /** Mixed into the hash: the trainer carves by a hash of the text too, and must not find its share gone already. */
    private static final String SALT = "sluice-test-split:";

    private TestSplit() {}

    /** The same posts, each with a split; as they are, if any of them names one. */
    static List<Post> carveIfNone(List<Post> posts) {
        if (posts.stream().anyMatch(post -> post.getSplit().isPresent())) {
            return posts;
        }
        return posts.stream()
                .map(post -> Post.newBuilder(post)
                        .setSplit(isHeldBack(post) ? Split.TEST : Split.TRAIN)
                        .build())
                .toList();
    }

    /**
     * A split by the name that a person gives it; an empty name is none.
     *
     * @throws CommandException if it is no split's name
     */
    static Optional<Split> named(String name, Path file, long line) {
        return switch (name.strip().toUpperCase(Locale.ROOT)) {
            case "" -> Optional.empty();
            case "TRAIN", "TRAINING" -> Optional.of(Split.TRAIN);
            case "VALIDATION", "VALID", "VAL", "DEV" -> Optional.of(Split.VALIDATION);
            case "TEST", "TESTING" -> Optional.of(Split.TEST);
            default ->
                throw LineErrors.at(
                        file, line, "there is no split " + name.strip() + "; it is TRAIN, VALIDATION or TEST");
        };
    }

    private static boolean isHeldBack(Post post) {
        return Long.remainderUnsigned(Hashes.sha256Prefix(SALT, contentOf(post)), ONE_IN) == 0;
    }

    /** What a post says, as bytes. */
    static ByteBuffer contentOf(Post post) {
        return post.getText()
                .map(text -> ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))
                .or(post::getRaw)
                .orElseGet(() -> ByteBuffer.allocate(0));
    }
}
