package dev.sluice.embedder;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This instance's part of the provider's quotas, and the line in which calls wait for it. What may be sent is decided by
 * {@link #ask}, which never blocks; {@link #acquire} waits in between, first come, first served, and looks again whenever a
 * call is over, a partition comes or goes, or the provider asks for a pause.
 *
 * <p>Safe for use by several threads.
 */
final class Quota {
    private static final Logger LOG = LoggerFactory.getLogger(Quota.class);

    /** A wait is never longer before the clock is looked at again: somebody may have set it. */
    private static final long LONGEST_WAIT_MILLIS = 5_000;

    private static final String DAY_USED_UP =
            "this embedder has used its share of the day's quota (" + EmbedderConfig.REQUESTS_PER_DAY + ")";

    /** An answer to the question whether a call may be made: leave to make it, or how many milliseconds to wait. */
    record Asked(Optional<Permit> permit, long millis) {}

    private final List<SharedLimit> limits;
    private final PartitionNotes notes;
    private final Clock clock;
    private final TokenEstimate tokens;
    private final long graceMillis;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Object> line = new ArrayDeque<>();
    private Instant rebalanced = Instant.MIN;
    private final Pause told = new Pause();
    private final Pause dayUsedUp = new Pause();
    private Instant roomAt = Instant.MIN;
    private boolean noted = true;

    /** @param maxTokens what the model reads of a text */
    Quota(QuotaLimits limits, int maxTokens, Clock clock, EmbedderMeters meters) {
        this(limits, maxTokens, clock, System::nanoTime, meters);
    }

    /** @param nanos a steady clock, for the minute; {@code clock} is for the day */
    Quota(QuotaLimits limits, int maxTokens, Clock clock, LongSupplier nanos, EmbedderMeters meters) {
        this.tokens = new TokenEstimate(limits.charactersPerToken(), maxTokens, limits.prefix());
        this.limits = SharedLimits.of(limits, tokens, clock, nanos);
        this.notes = new PartitionNotes(this.limits);
        this.clock = clock;
        this.graceMillis = limits.window().toMillis() / 10;
        this.limits.forEach(limit -> meters.quota(
                limit.kind().tag(),
                () -> locked(() -> (double) limit.share() / limit.limit()),
                () -> locked(() -> (double) limit.used() / limit.limit())));
        meters.quotaReturns(() -> locked(() -> Math.max(0, millisUntil(roomAt)) / 1000.0));
    }

    boolean isLimited() {
        return !limits.isEmpty();
    }

    /**
     * A partition is ours from now on, with its share. Nothing is spent until {@link #setNoted} says that the group's offsets
     * tell of it: should we die before, the next owner would not know that there is anything to reckon with.
     *
     * @param partitions how many the topic has
     * @param note the metadata of its committed offset; empty if it was never owned under a quota
     */
    void take(int partition, int partitions, String note) {
        changing(() -> {
            notes.take(partition, partitions, note);
            noted = false;
        });
    }

    /** The topic has so many partitions now; told as often as one likes. */
    void recount(int partitions) {
        boolean news = locked(() -> notes.recount(partitions));
        if (news) {
            changing(() -> {});
        }
    }

    /** Whether the group's offsets say of every partition that we hold it. */
    boolean hasNoted() {
        return locked(() -> noted);
    }

    /** A commit with the notes of all partitions has come through. */
    void setNoted() {
        settle(() -> noted = true);
    }

    /** @return the metadata for an offset committed now, while we keep the partition; at most 1 KB */
    String note(int partition) {
        return locked(() -> notes.held(partition));
    }

    /**
     * The partition is ours no more; asked again, gives the same note again.
     *
     * @return the metadata for its last commit; at most 1 KB
     */
    String give(int partition) {
        String[] note = new String[1];
        changing(() -> note[0] = notes.give(partition));
        return note[0];
    }

    /** The partition has been somebody else's for some time. */
    void drop(int partition) {
        changing(() -> notes.drop(partition));
    }

    private void changing(Runnable change) {
        settle(() -> {
            change.run();
            rebalanced = clock.instant();
        });
    }

    /** Something that may concern who waits. */
    void settle(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private <T> T locked(Supplier<T> question) {
        lock.lock();
        try {
            return question.get();
        } finally {
            lock.unlock();
        }
    }

    /** @return how many of these texts, from the first on, should go into one call now; 1 or more */
    int fitting(List<String> texts) {
        return locked(() -> fittingAll(texts));
    }

    /** As {@link #fitting}, of texts that are less urgent than those that wait in line with them: an eighth of that. */
    int fittingBeside(List<String> texts) {
        return isLimited() ? Math.max(1, fitting(texts) / 8) : texts.size();
    }

    private int fittingAll(List<String> texts) {
        int count = texts.size();
        for (SharedLimit limit : limits) {
            count = Math.min(count, limit.fitting(texts.subList(0, count)));
        }
        return count;
    }

    /** @return an estimate */
    long tokensOf(List<String> texts) {
        return texts.stream().mapToLong(tokens::of).sum();
    }

    /**
     * Waits for leave to make a call with the first of these texts, as many as {@link Permit#texts} says.
     *
     * @throws ProviderMisconfiguredException if this instance's share will never do for the first text
     */
    Permit acquire(List<String> texts) throws InterruptedException {
        Object turn = new Object();
        lock.lockInterruptibly();
        try {
            line.add(turn);
            for (; ; ) {
                long wait = LONGEST_WAIT_MILLIS;
                if (line.peek() == turn) {
                    Asked asked = ask(texts);
                    if (asked.permit().isPresent()) {
                        return asked.permit().get();
                    }
                    wait = Math.min(wait, asked.millis());
                }
                var unused = changed.await(wait, TimeUnit.MILLISECONDS); // whatever the reason, we look again
            }
        } finally {
            line.remove(turn);
            changed.signalAll(); // the next in line
            lock.unlock();
        }
    }

    /** As {@link #acquire}, without waiting and out of line. */
    Asked ask(List<String> texts) {
        lock.lock();
        try {
            long pause = told.millisLeft(clock.instant());
            if (pause > 0) {
                return waiting(pause);
            }
            return isLimited() ? askLimits(texts) : granted(texts.size(), List.of());
        } finally {
            lock.unlock();
        }
    }

    private Asked askLimits(List<String> texts) {
        if (notes.ownsNone()) {
            return waiting(Long.MAX_VALUE);
        }
        if (!noted) {
            return waiting(LONGEST_WAIT_MILLIS);
        }
        List<String> call = texts.subList(0, fittingAll(texts));
        long wait = 0;
        for (SharedLimit limit : limits) {
            long weight = limit.weightOf(call);
            if (weight > limit.share()) { // of one text: more would not have been fitting
                wait = Math.max(wait, graceOf(limit, weight));
            } else {
                wait = Math.max(wait, Math.max(limit.millisToRoom(weight), limit.millisToTurn(weight)));
                noteDay(limit, weight);
            }
        }
        if (wait > 0) {
            return waiting(wait);
        }
        List<SharedLimit.Part> parts = new ArrayList<>();
        for (SharedLimit limit : limits) {
            parts.addAll(limit.charge(limit.weightOf(call)));
        }
        return granted(call.size(), parts);
    }

    private void noteDay(SharedLimit limit, long weight) {
        long wait = limit.kind() == QuotaKind.DAY ? limit.millisToRoom(weight) : 0;
        if (wait > 0 && dayUsedUp.millisLeft(clock.instant()) == 0) {
            Instant now = clock.instant();
            boolean allInFlight = wait == Long.MAX_VALUE;
            Instant until = allInFlight ? PacificDay.returns(now) : now.plusMillis(wait);
            dayUsedUp.until(until, DAY_USED_UP);
            LOG.warn("{}, until {}", DAY_USED_UP, until);
        } else if (limit.kind() == QuotaKind.DAY && wait == 0) {
            dayUsedUp.end();
        }
    }

    private Asked granted(int texts, List<SharedLimit.Part> parts) {
        roomAt = Instant.MIN;
        return new Asked(Optional.of(new Permit(this, texts, parts)), 0);
    }

    private Asked waiting(long millis) {
        roomAt = clock.instant().plusMillis(Math.min(millis, TimeUnit.DAYS.toMillis(2)));
        return new Asked(Optional.empty(), millis);
    }

    /** In the middle of a rebalance a share may be too small for a moment; later it is for ever. */
    private long graceOf(SharedLimit limit, long weight) {
        long left = millisUntil(rebalanced.plusMillis(graceMillis));
        if (left > 0) {
            return left;
        }
        throw new ProviderMisconfiguredException(limit.kind().setting() + " is " + limit.limit() + ", and the share of"
                + " this embedder's " + notes.owned() + " of " + notes.partitions() + " partitions of posts is "
                + limit.share() + ": too little for a text that needs " + weight
                + "; run fewer embedders, or use fewer partitions or shorter texts, or get a larger quota");
    }

    private long millisUntil(Instant moment) {
        return Pause.millisBetween(clock.instant(), moment);
    }

    /** Nobody of this instance calls before this time has passed. */
    void pauseFor(Duration pause, String reason) {
        pauseUntil(clock.instant().plus(pause), reason);
    }

    /** Nobody of this instance calls before this moment; a longer pause stays as it is. */
    void pauseUntil(Instant moment, String reason) {
        settle(() -> told.until(moment, reason));
    }

    /** @return what calls wait for, and until when, if it is more than their turn */
    Optional<String> waitingFor() {
        return locked(() -> told.text(clock.instant()).or(() -> dayUsedUp.text(clock.instant())));
    }
}
