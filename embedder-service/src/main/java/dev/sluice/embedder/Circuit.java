package dev.sluice.embedder;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Spares a provider that is away, and the log. After some failures in a row nobody calls any more; after a while one call
 * tries, and if it works all go on, else the next while is twice as long: most outages are short. Unlike resilience4j's
 * circuit breaker it refuses nobody: callers wait, since posts may wait and none may be dropped.
 *
 * <p>Source: M. Nygard, Release It! (the circuit breaker). Safe for use by several threads.
 */
final class Circuit {
    private static final Logger LOG = LoggerFactory.getLogger(Circuit.class);
    private static final long LONGEST_WAIT_MILLIS = 60_000;
    private static final int FIRST_WAIT_PART = 16;

    private final int maxFailures;
    private final Duration maxWait;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Duration nextWait;
    private int failures;
    private Optional<Instant> openUntil = Optional.empty();
    private boolean trying;

    /**
     * @param maxFailures in a row, 1 or more
     * @param maxWait before a call tries again; the first is a sixteenth of it
     */
    Circuit(int maxFailures, Duration maxWait, Clock clock) {
        this.maxFailures = maxFailures;
        this.maxWait = maxWait;
        this.clock = clock;
        this.nextWait = maxWait.dividedBy(FIRST_WAIT_PART);
    }

    /** Waits until a call might be made; {@link #enter} says whether it may. */
    void await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            for (long millis = millisToWait(); millis > 0; millis = millisToWait()) {
                var unused = changed.await(millis, TimeUnit.MILLISECONDS); // whatever the reason, we look again
            }
        } finally {
            lock.unlock();
        }
    }

    private long millisToWait() {
        if (openUntil.isEmpty()) {
            return 0;
        }
        long left = Duration.between(clock.instant(), openUntil.get()).toMillis();
        return trying ? LONGEST_WAIT_MILLIS : Math.min(LONGEST_WAIT_MILLIS, Math.max(0, left));
    }

    /**
     * To be asked just before a call. Who may make it must say how it ended: {@link #worked}, {@link #failed} or {@link #left}.
     *
     * @return whether it may be made
     */
    boolean enter() {
        lock.lock();
        try {
            if (millisToWait() > 0) {
                return false;
            }
            trying = openUntil.isPresent();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The provider has answered, if only to refuse. */
    void worked() {
        lock.lock();
        try {
            if (openUntil.isPresent()) {
                LOG.info("the provider answers again");
            }
            failures = 0;
            nextWait = maxWait.dividedBy(FIRST_WAIT_PART);
            openUntil = Optional.empty();
            trying = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The provider has not answered as it should; of calls that began before the circuit opened, this tells nothing new. */
    void failed(String reason) {
        lock.lock();
        try {
            failures++;
            if (openUntil.isPresent() ? trying : failures >= maxFailures) {
                Instant until = clock.instant().plus(nextWait);
                LOG.atLevel(openUntil.isEmpty() ? Level.WARN : Level.INFO)
                        .log("the provider is away, and will be asked again at {}: {}", until, reason);
                openUntil = Optional.of(until);
                nextWait = nextWait.multipliedBy(2).compareTo(maxWait) < 0 ? nextWait.multipliedBy(2) : maxWait;
                trying = false;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The caller has gone before the call was over. */
    void left() {
        lock.lock();
        try {
            trying = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** @return when the provider is asked again, if it is away */
    Optional<Instant> openUntil() {
        lock.lock();
        try {
            return openUntil;
        } finally {
            lock.unlock();
        }
    }
}
