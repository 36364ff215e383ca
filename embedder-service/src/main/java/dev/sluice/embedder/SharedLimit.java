package dev.sluice.embedder;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/**
 * One quota, of which every partition of {@code posts} has a fixed share, a whole number; the shares add up to the quota.
 * An instance spends the shares of the partitions that it owns, from whichever there is room in, no matter where the texts
 * come from. So no partition's share is ever overdrawn, hence the quota is not, however the partitions move, and without a
 * word between the instances. (Charged to the texts' own partition, a busy one could not use what a quiet one leaves.)
 *
 * <p>The trade-off: a share rests while nobody owns its partition, and an idle instance's share is not lent to a busy one.
 *
 * <p>Not safe for use by several threads.
 */
final class SharedLimit {
    /** A call is at most this part of the share: what is left over by calls that just do not fit is small then. */
    private static final int CALLS_PER_SHARE = 30;

    /** How a call is counted: so much by itself, and so much for each text. */
    record Weight(int ofCall, ToIntFunction<String> ofText) {
        long of(List<String> texts) {
            long weight = ofCall;
            for (String text : texts) {
                weight += ofText.applyAsInt(text);
            }
            return weight;
        }
    }

    private record Account(int share, Charges charges) {
        long room(long now) {
            return Math.max(0, share - charges.live(now));
        }
    }

    /** What a call has taken of one partition's share. */
    record Part(SharedLimit limit, Charges charges, long amount) {
        void finish() {
            charges.finish(amount, limit.period.end());
        }

        void withdraw() {
            charges.withdraw(amount);
        }
    }

    private final QuotaKind kind;
    private final int limit;
    private final Weight weight;
    private final QuotaPeriod period;
    private final Map<Integer, Account> accounts = new HashMap<>();
    private Optional<Pacer> pacer = Optional.empty();

    /** @param limit of the whole project in a period, 1 or more */
    SharedLimit(QuotaKind kind, int limit, Weight weight, QuotaPeriod period) {
        this.kind = kind;
        this.limit = limit;
        this.weight = weight;
        this.period = period;
    }

    QuotaKind kind() {
        return kind;
    }

    int limit() {
        return limit;
    }

    QuotaPeriod period() {
        return period;
    }

    /**
     * A partition has become ours, or the number of partitions has changed.
     *
     * @param used amounts by their ends, in milliseconds since 1970
     */
    void take(int partition, int partitions, Map<Long, Long> used) {
        if (partition < 0 || partition >= partitions) {
            throw new IllegalArgumentException("partition " + partition + " of " + partitions);
        }
        recount(partitions);
        Charges charges =
                accounts.containsKey(partition) ? accounts.get(partition).charges() : new Charges();
        used.forEach((end, amount) -> charges.add(amount, period.fromWall(end)));
        accounts.put(partition, new Account(shareOf(partition, partitions), charges));
        repace();
    }

    /** The topic has so many partitions now: what is used stays used, the shares may be smaller. */
    void recount(int partitions) {
        accounts.replaceAll((owned, account) -> new Account(shareOf(owned, partitions), account.charges()));
        repace();
    }

    /** Charges a partition that was just added for what others may spend until they know of it. */
    void chargeNewcomer(int partition) {
        Account account = accounts.get(partition);
        account.charges().add(account.room(period.now()), period.endOfOldShares());
    }

    /** The shares of the first k partitions add up to the floor of k/n of the limit, so all n to the limit. */
    private int shareOf(int partition, int partitions) {
        return (int) ((partition + 1L) * limit / partitions - (long) partition * limit / partitions);
    }

    void remove(int partition) {
        accounts.remove(partition);
        repace();
    }

    private void repace() {
        pacer = share() > 0 ? period.pacer((int) share()) : Optional.empty();
    }

    /**
     * Calls in flight are noted as the longest possible. Of a minute they are left out as long as we hold the partition: if
     * that note is ever needed, whatever it does not say counts as used anyway.
     *
     * @return amounts by their ends, in milliseconds since 1970
     */
    NavigableMap<Long, Long> toNote(int partition, boolean held) {
        Charges charges = accounts.get(partition).charges();
        charges.live(period.now()); // forgets what is over
        NavigableMap<Long, Long> used = new TreeMap<>();
        (held && !period.isLong() ? charges.answered() : charges.answeredAndInFlight(period.endOfInFlight()))
                .forEach((end, amount) -> used.merge(period.toWall(end), amount, Long::sum));
        return used;
    }

    /**
     * Charges a partition for calls that another instance may have made, of which nothing is known.
     *
     * @param most so much at most, and never more than there is room for
     * @return how much it was
     */
    long chargeUnseen(int partition, long most) {
        Account account = accounts.get(partition);
        long amount = Math.min(most, account.room(period.now()));
        account.charges().add(amount, period.end());
        return amount;
    }

    /** @return what this instance may use in a period */
    long share() {
        return accounts.values().stream().mapToLong(Account::share).sum();
    }

    /** @return what this instance has used in the period that ends now */
    long used() {
        long now = period.now();
        return accounts.values().stream()
                .mapToLong(account -> account.charges().live(now))
                .sum();
    }

    /** @return what this instance may use now */
    long room() {
        long now = period.now();
        return accounts.values().stream()
                .mapToLong(account -> account.room(now))
                .sum();
    }

    /** @return how many of these texts, from the first on, make a call of good size; 1 or more */
    int fitting(List<String> texts) {
        long cap = period.isLong() ? room() : share() / CALLS_PER_SHARE;
        long weightSoFar = weight.ofCall();
        for (int i = 0; i < texts.size(); i++) {
            int more = weight.ofText().applyAsInt(texts.get(i));
            weightSoFar += more;
            if (more > 0 && weightSoFar > cap) {
                return Math.max(1, i);
            }
        }
        return texts.size();
    }

    long weightOf(List<String> texts) {
        return weight.of(texts);
    }

    /** @return milliseconds until this weight may have room, 0 if it has; {@link Long#MAX_VALUE} if that is not known */
    long millisToRoom(long wanted) {
        if (room() >= wanted) {
            return 0;
        }
        OptionalLong release = accounts.values().stream()
                .flatMapToLong(account -> account.charges().nextRelease().stream())
                .min();
        return release.isPresent() ? Math.max(1, release.getAsLong() - period.now()) : Long.MAX_VALUE;
    }

    /** @return milliseconds until a call of this weight is in step with the others; 0 while half of the share is free */
    long millisToTurn(long wanted) {
        return room() * 2 >= share()
                ? 0
                : pacer.map(it -> it.millisToWait((int) wanted)).orElse(0L);
    }

    /**
     * Spreads a weight over the partitions, evenly as far as there is room, so that those that move on leave no debt behind.
     *
     * @param wanted no more than there is room for
     */
    List<Part> charge(long wanted) {
        pacer.ifPresent(Pacer::passed);
        long now = period.now();
        List<Account> byRoom = accounts.values().stream()
                .sorted(Comparator.comparingLong(account -> account.room(now)))
                .toList();
        List<Part> parts = new ArrayList<>();
        long left = wanted;
        for (int i = 0; i < byRoom.size(); i++) {
            Account account = byRoom.get(i);
            long amount = Math.min(account.room(now), left / (byRoom.size() - i));
            if (amount > 0) {
                account.charges().begin(amount);
                parts.add(new Part(this, account.charges(), amount));
                left -= amount;
            }
        }
        if (left > 0) {
            parts.forEach(Part::withdraw);
            throw new IllegalStateException(kind + ": no room for " + wanted);
        }
        return parts;
    }
}
