package dev.sluice.cli;

import java.util.OptionalInt;

/** What became of one record on {@code posts}, in counts; each outcome is to be there once. Not for several threads. */
final class ChaosFate {
    private final OptionalInt number;
    private final boolean watched;
    private int embedded;
    private int refused;
    private int predicted;
    private int embeddedRefused;
    private int lookedOn;

    /**
     * @param number of the post; empty where it is poison
     * @param watched whether a shadow looked on when it was sent, and every answer is to have one beside it
     */
    ChaosFate(OptionalInt number, boolean watched) {
        this.number = number;
        this.watched = watched;
    }

    OptionalInt number() {
        return number;
    }

    void embed() {
        embedded++;
    }

    void refuse() {
        refused++;
    }

    void predict() {
        predicted++;
    }

    void lookOn() {
        lookedOn++;
    }

    void refuseEmbedded() {
        embeddedRefused++;
    }

    boolean isEmbedded() {
        return embedded > 0;
    }

    boolean isPredicted() {
        return predicted > 0;
    }

    boolean isLookedOn() {
        return lookedOn > 0;
    }

    boolean isRefused() {
        return refused > 0;
    }

    boolean isRefusedEmbedded() {
        return embeddedRefused > 0;
    }

    /** Outcomes that are missing: of the post, and of each embedded post that it became. */
    int lost() {
        return (embedded + refused == 0 ? 1 : 0)
                + Math.max(0, embedded - predicted - embeddedRefused)
                + (watched ? Math.max(0, predicted - lookedOn) : 0);
    }

    /** Outcomes that are too many. */
    int duplicates() {
        return Math.max(0, embedded + refused - 1)
                + Math.max(0, predicted + embeddedRefused - embedded)
                + Math.max(0, lookedOn - predicted);
    }

    @Override
    public String toString() {
        return "embedded " + embedded + ", refused " + refused + ", predicted " + predicted + ", refused when embedded "
                + embeddedRefused + ", shadow " + lookedOn;
    }
}
