package dev.sluice.runtime;

import java.util.concurrent.CompletableFuture;

/**
 * A service at work. It ends by {@link #close()}, or by itself when something fails that it cannot mend; the future tells
 * which.
 */
public interface RunningService extends AutoCloseable {
    /** Completes when the service has ended: normally after a close, exceptionally with what stopped it. */
    CompletableFuture<Void> ended();

    /** How it is now; answers at once, from any thread. Works until it has ended, unless the service knows better. */
    default Health health() {
        return ended().isDone() ? Health.after(ended()) : Health.working();
    }

    /** Finishes what is in hand, commits, leaves its groups; bounded in time. Safe to call twice. */
    @Override
    void close();
}
