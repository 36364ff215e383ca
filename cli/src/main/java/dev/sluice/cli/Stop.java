package dev.sluice.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C for work that goes step by step: the process ends when the step in hand is done, or after some seconds. For what
 * only one thread may close; see {@link Resources} for the rest.
 */
final class Stop implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::stop, "sluice-stop");
    private volatile boolean wanted;

    private Stop() {}

    static Stop onExit() {
        Stop stop = new Stop();
        Runtime.getRuntime().addShutdownHook(stop.hook);
        return stop;
    }

    /** Whether to do no further step. */
    boolean wanted() {
        return wanted;
    }

    private void stop() {
        wanted = true;
        try {
            boolean unused = done.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The last step is done. */
    @Override
    public void close() {
        done.countDown();
        if (!wanted) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                wanted = true; // the process is ending just now
            }
        }
    }
}
