package dev.sluice.cli;

/**
 * What can be done to a running Sluice, how often beside the others, and for how long. A fault that lasts no time is done at
 * once and not undone.
 */
enum ChaosKind {
    KILL_SERVICE(Target.SERVICE, 3, 200, 2_000),
    RESTART_SERVICE(Target.SERVICE, 2, 0, 500),
    PAUSE_SERVICE(Target.SERVICE, 2, 500, 3_000),
    /** Stopped for longer than its session lasts: it comes back to posts that are somebody else's by then. */
    OUTLIVE_SESSION(Target.SERVICE, 1, 7_500, 10_000),
    KILL_BROKER(Target.BROKER, 1, 0, 1_500),
    RESTART_BROKER(Target.BROKER, 1, 0, 500),
    PAUSE_BROKER(Target.BROKER, 1, 1_000, 4_000),
    CUT_BROKER(Target.BROKER, 1, 1_000, 6_000),
    /** Connections stay open, and nothing comes through. */
    SILENCE_BROKER(Target.BROKER, 1, 1_000, 6_000),
    SLOW_BROKER(Target.BROKER, 1, 2_000, 6_000),
    CUT_PROVIDER(Target.PROVIDER, 1, 500, 4_000),
    SLOW_PROVIDER(Target.PROVIDER, 1, 2_000, 6_000),
    FAIL_PROVIDER(Target.PROVIDER, 1, 500, 4_000),
    QUOTA_PROVIDER(Target.PROVIDER, 1, 500, 4_000),
    GARBLE_PROVIDER(Target.PROVIDER, 1, 500, 4_000),
    POISON_POSTS(Target.RECORDS, 1, 0, 0),
    BAD_MODEL(Target.RECORDS, 1, 0, 0),
    BAD_DEPLOYMENT(Target.RECORDS, 1, 0, 0),
    BAD_LABELS(Target.RECORDS, 1, 0, 0);

    /** What a fault is done to. Only one at a time is done to each service, to the broker, and to the provider. */
    enum Target {
        SERVICE,
        BROKER,
        PROVIDER,
        RECORDS
    }

    private final Target target;
    private final int cards;
    private final int leastMillis;
    private final int mostMillis;

    ChaosKind(Target target, int cards, int leastMillis, int mostMillis) {
        this.target = target;
        this.cards = cards;
        this.leastMillis = leastMillis;
        this.mostMillis = mostMillis;
    }

    Target target() {
        return target;
    }

    /** How often it is in the deck that faults are dealt from. */
    int cards() {
        return cards;
    }

    int leastMillis() {
        return leastMillis;
    }

    int mostMillis() {
        return mostMillis;
    }
}
