package dev.sluice.cli;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** For what nobody tells of: asked again and again. */
final class Eventually {
    private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private Eventually() {}

    /**
     * @param condition what throws is not yet true either
     * @param otherwise how it is instead, for people
     * @throws AssertionError if it is not true within {@link TestBroker#PATIENCE}
     */
    static void isTrue(BooleanSupplier condition, Supplier<String> otherwise) {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        while (!holds(condition)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + TestBroker.PATIENCE.toSeconds() + " s; " + otherwise.get());
            }
            LockSupport.parkNanos(BETWEEN_NANOS);
        }
    }

    private static boolean holds(BooleanSupplier condition) {
        try {
            return condition.getAsBoolean();
        } catch (RuntimeException e) {
            return false;
        }
    }
}
