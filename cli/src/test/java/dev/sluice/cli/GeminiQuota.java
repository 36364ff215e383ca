package dev.sluice.cli;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * The provider's side of a quota, kept exactly: a log of every charge, so that no window of that length, wherever it
 * begins, holds more than the limit. A charge just as old as the window still counts, which is the strictest reading. What
 * is refused is not charged. It measures also where there is no limit.
 */
final class GeminiQuota {
    static final ZoneId PACIFIC = ZoneId.of("America/Los_Angeles");

    /** What can be used up. */
    enum Kind {
        REQUESTS_PER_MINUTE,
        TOKENS_PER_MINUTE,
        REQUESTS_PER_DAY
    }

    /**
     * @param violations at least one
     * @param retryAfter after which this very call would pass, if no other came; says nothing about the day
     */
    record Refusal(Set<Kind> violations, Duration retryAfter) {}

    /** One stretch of the window's length; they follow each other from the first charge on. */
    record Window(int number, long calls, long requests, long tokens, long refused) {}

    private record Charge(long at, long requests, long tokens) {}

    private final GeminiSettings settings;
    private final Clock clock;
    private final Deque<Charge> charges = new ArrayDeque<>();
    private final List<long[]> windows = new ArrayList<>();
    private long begin = -1;
    private long requests;
    private long tokens;
    private LocalDate day = LocalDate.MIN;
    private long today;
    private long mostRequests;
    private long mostTokens;

    GeminiQuota(GeminiSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** Charges the call, or says why not. */
    synchronized Optional<Refusal> charge(long callRequests, long callTokens) {
        long now = clock.millis();
        forget(now);
        Set<Kind> violations = EnumSet.noneOf(Kind.class);
        if (exceeds(requests + callRequests, settings.requestsPerMinute())) {
            violations.add(Kind.REQUESTS_PER_MINUTE);
        }
        if (exceeds(tokens + callTokens, settings.tokensPerMinute())) {
            violations.add(Kind.TOKENS_PER_MINUTE);
        }
        if (exceeds(today + callRequests, settings.requestsPerDay())) {
            violations.add(Kind.REQUESTS_PER_DAY);
        }
        long[] window = window(now);
        if (!violations.isEmpty()) {
            window[3]++;
            return Optional.of(new Refusal(violations, Duration.ofMillis(wait(now, callRequests, callTokens))));
        }
        charges.add(new Charge(now, callRequests, callTokens));
        requests += callRequests;
        tokens += callTokens;
        today += callRequests;
        mostRequests = Math.max(mostRequests, requests);
        mostTokens = Math.max(mostTokens, tokens);
        window[0]++;
        window[1] += callRequests;
        window[2] += callTokens;
        return Optional.empty();
    }

    private static boolean exceeds(long use, int limit) {
        return limit > 0 && use > limit;
    }

    private void forget(long now) {
        while (!charges.isEmpty()
                && now - charges.peek().at() > settings.window().toMillis()) {
            Charge old = charges.remove();
            requests -= old.requests();
            tokens -= old.tokens();
        }
        LocalDate date = LocalDate.ofInstant(clock.instant(), PACIFIC);
        if (!date.equals(day)) {
            day = date;
            today = 0;
        }
    }

    private long[] window(long now) {
        begin = begin < 0 ? now : begin;
        int number = (int) ((now - begin) / settings.window().toMillis());
        while (windows.size() <= number) {
            windows.add(new long[4]);
        }
        return windows.get(number);
    }

    private long wait(long now, long callRequests, long callTokens) {
        return Math.max(
                wait(
                        now,
                        requests + callRequests - settings.requestsPerMinute(),
                        settings.requestsPerMinute(),
                        Charge::requests),
                wait(
                        now,
                        tokens + callTokens - settings.tokensPerMinute(),
                        settings.tokensPerMinute(),
                        Charge::tokens));
    }

    private long wait(long now, long excess, int limit, ToLongFunction<Charge> use) {
        if (limit == 0 || excess <= 0) {
            return 0;
        }
        long left = excess;
        for (Iterator<Charge> oldest = charges.iterator(); oldest.hasNext(); ) {
            Charge charge = oldest.next();
            left -= use.applyAsLong(charge);
            if (left <= 0) {
                return charge.at() + settings.window().toMillis() + 1 - now;
            }
        }
        return settings.window().toMillis();
    }

    /** Midnight, at once. */
    synchronized void newDay() {
        today = 0;
    }

    synchronized long today() {
        return today;
    }

    /** The most that any window held, wherever it began. */
    synchronized long mostRequests() {
        return mostRequests;
    }

    /** The most that any window held, wherever it began. */
    synchronized long mostTokens() {
        return mostTokens;
    }

    synchronized List<Window> windows() {
        List<Window> list = new ArrayList<>();
        for (long[] window : windows) {
            list.add(new Window(list.size(), window[0], window[1], window[2], window[3]));
        }
        return list;
    }
}
