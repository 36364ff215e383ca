package dev.sluice.cli;

import dev.sluice.runtime.RunningService;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/**
 * How long the demo waits for something: as long as it gets on, and the services run. Every step forward renews it, so
 * slow machines have the time they need, and what stands still is told.
 */
final class Patience {
    static final Duration WITHOUT_PROGRESS = Duration.ofMinutes(2);

    private final String awaited;
    private final Duration limit;
    private final RunningService services;
    private Deadline deadline;
    private long reached;

    /** @param awaited what is waited for, as in "waited for ..." */
    Patience(String awaited, Duration limit, RunningService services) {
        this.awaited = awaited;
        this.limit = limit;
        this.services = services;
        this.deadline = Deadline.in(limit);
    }

    /**
     * To be called again and again while waiting.
     *
     * @param step any number that changes when things get on
     * @throws CommandException if a service has ended, or nothing moved for too long
     */
    void check(long step) {
        if (step != reached) {
            reached = step;
            deadline = Deadline.in(limit);
        }
        if (services.ended().isDone()) {
            throw ended();
        }
        if (deadline.passed()) {
            throw new CommandException("waited " + limit.toSeconds() + " s for " + awaited + ", and nothing moved: "
                    + "the log of the services may tell why (" + log() + ")");
        }
    }

    private CommandException ended() {
        try {
            services.ended().join();
            return new CommandException("the services were stopped while waiting for " + awaited);
        } catch (CompletionException e) {
            return new CommandException(
                    "a service ended while waiting for " + awaited + ": "
                            + Failures.lineOf(e.getCause() == null ? e : e.getCause()) + "; see the log (" + log()
                            + ")",
                    e);
        }
    }

    private static String log() {
        return System.getProperty("sluice.log.file", "sluice") + ".log";
    }
}
