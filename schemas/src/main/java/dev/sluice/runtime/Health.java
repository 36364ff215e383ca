package dev.sluice.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * How a service is, for those who look after it: one that is not live is to be started again, one that is not ready waits
 * for something that a new start would not bring.
 *
 * @param live whether it works, or will once what it waits for is back
 * @param ready whether it works now
 * @param reason why not, for a person to read; empty when ready
 */
public record Health(boolean live, boolean ready, String reason) {
    public Health {
        if (ready && !live) {
            throw new IllegalArgumentException("what is not live is not ready");
        }
        if (ready != reason.isEmpty()) {
            throw new IllegalArgumentException("a reason belongs to what is not ready, and to nothing else: " + reason);
        }
    }

    public static Health working() {
        return new Health(true, true, "");
    }

    /** @param reason what it waits for; not empty */
    public static Health waiting(String reason) {
        return new Health(true, false, reason);
    }

    /** @param reason how it came to that; not empty */
    public static Health over(String reason) {
        return new Health(false, false, reason);
    }

    /** @param ended is done: normally after a close, exceptionally with what stopped the service */
    static Health after(CompletableFuture<Void> ended) {
        return ended.handle((nothing, failure) -> over(failure == null ? "closed" : "stopped by " + rootOf(failure)))
                .join();
    }

    private static Throwable rootOf(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
