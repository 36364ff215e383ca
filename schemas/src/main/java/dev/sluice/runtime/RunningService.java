package dev.sluice.runtime;

import java.util.concurrent.CompletableFuture;

/**
 * A service at work. It ends by {@link #close()}, or by itself when something fails that it cannot mend; the future tells
 * which.
 */
public interface RunningService extends AutoCloseable {
    /** Completes when the service has ended: normally after a close, exceptionally with what stopped it. */
    CompletableFuture<Void> ended();

    /** Finishes what is in hand, commits, leaves its groups; bounded in time. Safe to call twice. */
    @Override
    void close();
}
