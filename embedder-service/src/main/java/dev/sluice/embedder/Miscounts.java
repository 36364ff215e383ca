package dev.sluice.embedder;

import java.util.List;

/** Counts the answers to one call that have a wrong number of vectors; too many of them refuse its texts. */
final class Miscounts {
    private final int most;
    private int count;

    /** A call that may be made again. */
    interface Attempt {
        List<float[]> make() throws InterruptedException;
    }

    /** @param most 1 or more */
    Miscounts(int most) {
        this.most = most;
    }

    /**
     * @throws MiscountedAnswerException if the answer has a wrong number of vectors
     * @throws TextRefusedException if that is one too many
     */
    List<float[]> watch(Attempt attempt) throws InterruptedException {
        try {
            return attempt.make();
        } catch (MiscountedAnswerException e) {
            count++;
            if (areTooMany()) {
                throw new TextRefusedException(count + " times in a row: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    boolean areTooMany() {
        return count >= most;
    }

    int count() {
        return count;
    }
}
