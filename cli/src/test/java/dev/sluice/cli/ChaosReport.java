package dev.sluice.cli;

import java.util.List;
import java.util.Locale;

/**
 * What a checker found.
 *
 * @param posts records on {@code posts}, poison among them
 * @param poison of these, what is none of the numbered posts
 * @param embedded of these, how many became an embedded post
 * @param predicted of these, how many were answered
 * @param deadLettered places on {@code posts} and {@code embedded-posts} that have a dead letter
 * @param refusedPosts numbered posts that have a dead letter, though nothing is wrong with them
 * @param lookedOn of the posts, how many a shadow answered too
 * @param badRecords on labels, models and deployments
 * @param duplicates outcomes that are too many
 * @param lost outcomes that are missing
 * @param wrongCount how much else is wrong
 * @param examples of whatever is wrong, the first few
 */
record ChaosReport(
        int posts,
        int poison,
        int embedded,
        int predicted,
        int deadLettered,
        int refusedPosts,
        int lookedOn,
        int badRecords,
        int duplicates,
        int lost,
        int wrongCount,
        List<String> examples) {
    ChaosReport {
        examples = List.copyOf(examples);
    }

    /** Whether the promise was kept. */
    boolean isClean() {
        return duplicates == 0 && lost == 0 && wrongCount == 0;
    }

    String table() {
        return String.format(
                Locale.ROOT,
                """
                posts in           %,9d   (%,d of them poison)
                embedded           %,9d
                predicted          %,9d
                dead-lettered      %,9d   (%,d of them sound posts)
                shadow predictions %,9d
                bad records beside %,9d   (labels, models and deployments)
                duplicates         %,9d
                lost               %,9d
                wrong otherwise    %,9d
                """,
                posts,
                poison,
                embedded,
                predicted,
                deadLettered,
                refusedPosts,
                lookedOn,
                badRecords,
                duplicates,
                lost,
                wrongCount);
    }

    @Override
    public String toString() {
        return table() + String.join("\n", examples);
    }
}
