package dev.sluice.cli;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a command has opened, closed in the opposite order: at its end, or by Ctrl-C, which may come while more is being
 * opened. What is opened too late is closed at once.
 */
final class Resources implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Resources.class);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Consumer<Duration> afterwards;
    private volatile boolean closed;
    private boolean told;

    /** @param afterwards told once how long the closing took */
    Resources(Consumer<Duration> afterwards) {
        this.afterwards = afterwards;
    }

    /** Closes everything too when the process is told to end. */
    static Resources closedOnExit(Consumer<Duration> afterwards) {
        Resources resources = new Resources(afterwards);
        Runtime.getRuntime().addShutdownHook(new Thread(resources::close, "sluice-close"));
        return resources;
    }

    <T extends AutoCloseable> T add(T resource) {
        synchronized (opened) {
            if (!closed) {
                opened.push(resource);
                return resource;
            }
        }
        close(resource);
        return resource;
    }

    /** Whether the end has begun; what fails from then on is of no interest. */
    boolean closed() {
        return closed;
    }

    /** Waits for all, the second time too. */
    @Override
    public void close() {
        closed = true;
        long start = System.nanoTime();
        synchronized (opened) {
            while (!opened.isEmpty()) {
                close(opened.pop());
            }
            if (!told) {
                told = true;
                afterwards.accept(Duration.ofNanos(System.nanoTime() - start));
            }
        }
    }

    private static void close(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) { // the others are to be closed all the same
            LOG.warn("{} did not close as it should", resource, e);
        }
    }
}
