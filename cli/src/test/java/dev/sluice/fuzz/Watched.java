package dev.sluice.fuzz;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Work in a thread of its own, with half the stack that a service's thread has, watched from here: if one input keeps it
 * computing for too long, it is left behind, since nothing stops a Java thread, and told of.
 */
final class Watched {
    private static final long STACK_BYTES = 512 * 1024;
    private static final long LOOK_EVERY_MILLIS = 200;
    private static final int SHOWN_FRAMES = 12;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Duration most;
    private final Consumer<Watched> work;
    private volatile byte[] input = new byte[0];

    /** @param most computing for one input */
    Watched(Duration most, Consumer<Watched> work) {
        this.most = most;
        this.work = work;
    }

    /** The work goes on with this input. */
    void begins(byte[] next) {
        input = next;
    }

    /** @throws AssertionError if the work does, or an input takes too long */
    void run(String name) {
        Thread thread = new Thread(null, () -> work.accept(this), "fuzz " + name, STACK_BYTES);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((died, reason) -> failure.set(reason));
        thread.start();
        try {
            watch(thread, name);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        if (failure.get() != null) {
            throw failure.get() instanceof AssertionError assertion
                    ? assertion
                    : new AssertionError(name, failure.get());
        }
    }

    private void watch(Thread thread, String name) throws InterruptedException {
        byte[] watched = null;
        long before = 0;
        for (thread.join(LOOK_EVERY_MILLIS); thread.isAlive(); thread.join(LOOK_EVERY_MILLIS)) {
            long computed = THREADS.getThreadCpuTime(thread.getId());
            if (input != watched) {
                watched = input;
                before = computed;
            } else if (computed - before > most.toNanos()) {
                throw new AssertionError("fuzz " + name + ": no end after "
                        + TimeUnit.NANOSECONDS.toSeconds(computed - before) + " s of computing, at "
                        + Arrays.stream(thread.getStackTrace())
                                .limit(SHOWN_FRAMES)
                                .map(Object::toString)
                                .collect(Collectors.joining(" < "))
                        + "; the input, of " + watched.length + " bytes, in base64: " + Fuzz.shown(watched));
            }
        }
    }
}
