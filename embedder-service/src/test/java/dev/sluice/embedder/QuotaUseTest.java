package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedder.CountingProvider.Counted;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much of a quota is used while every partition has a backlog, by several embedders in virtual time. */
class QuotaUseTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration LATENCY = Duration.ofMillis(200);
    private static final int WINDOWS = 5;

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-22T12:00:00Z"));
    private final Random random = new Random(7);

    private static final List<String> ALIKE = Collections.nCopies(100, "a text of some length, as posts are");

    /** Of 50 to 300 tokens. */
    private List<String> unlike() {
        return Stream.generate(() -> "word".repeat(random.nextInt(50, 301)))
                .limit(100)
                .toList();
    }

    private QuotaGroup group(QuotaLimits limits, int members, Supplier<List<String>> texts) {
        QuotaGroup group = new QuotaGroup(time, limits, 12, random, texts, () -> LATENCY);
        group.joinAll(members);
        return group;
    }

    /** @return what is used of the limit on average, after a first minute */
    private double use(QuotaGroup group, ToLongFunction<Counted> what, int limit) {
        time.pass(MINUTE);
        long from = time.nanos();
        time.pass(MINUTE.multipliedBy(WINDOWS));
        double used = (double) group.provider.sum(what, from, time.nanos()) / WINDOWS / limit;
        assertThat(group.provider.mostInAWindow(what, MINUTE)).isLessThanOrEqualTo(limit);
        return used;
    }

    @ParameterizedTest
    @CsvSource({"100, 1", "100, 3", "100, 5", "1500, 3", "3000, 1", "3000, 3", "3000, 12", "12, 3"})
    void shouldUseTheRequestsOfAMinuteWhenThereIsABacklog(int limit, int members) {
        QuotaGroup group = group(new QuotaLimits(limit, 0, 0, true, MINUTE, 4), members, () -> ALIKE);

        assertThat(use(group, Counted::requests, limit)).isBetween(0.97, 1.0);
    }

    @ParameterizedTest
    @CsvSource({"30, 1", "100, 3"})
    void shouldUseTheRequestsOfAMinuteWhenCallsCount(int limit, int members) {
        QuotaGroup group = group(new QuotaLimits(limit, 0, 0, false, MINUTE, 4), members, () -> ALIKE);

        assertThat(use(group, Counted::requests, limit)).isBetween(0.97, 1.0);
    }

    @ParameterizedTest
    @CsvSource({"30000, 1", "30000, 3", "1000000, 1", "1000000, 3"})
    void shouldUseTheTokensOfAMinuteWhenTheyBind(int limit, int members) {
        QuotaGroup group = group(new QuotaLimits(limit, limit, 0, true, MINUTE, 4), members, this::unlike);

        assertThat(use(group, Counted::tokens, limit)).isBetween(0.90, 1.0);
    }

    @Test
    void shouldSpreadABacklogWhenItHasUsedHalfOfAMinute() {
        QuotaGroup group = group(new QuotaLimits(600, 0, 0, true, MINUTE, 4), 1, () -> ALIKE);
        time.pass(MINUTE.multipliedBy(3));
        long from = time.nanos();
        time.pass(MINUTE);

        for (int part = 0; part < 6; part++) {
            long begin = from + part * MINUTE.toNanos() / 6;
            assertThat(group.provider.sum(Counted::requests, begin, begin + MINUTE.toNanos() / 6))
                    .as("of 100 in a sixth of a minute")
                    .isBetween(30L, 150L);
        }
    }

    @Test
    void shouldNotHoldUpABurstWhenTheStreamWasQuiet() {
        QuotaGroup group = group(new QuotaLimits(600, 0, 0, true, MINUTE, 4), 1, () -> ALIKE);
        time.pass(Duration.ofSeconds(10));

        assertThat(group.provider.sum(
                        Counted::requests, 0, Duration.ofSeconds(4).toNanos()))
                .isGreaterThanOrEqualTo(300);
    }

    @Test
    void shouldTakeUpTheShareOfAMemberWhenItWasKilled() {
        QuotaGroup group = group(new QuotaLimits(100, 0, 0, true, MINUTE, 4), 3, () -> ALIKE);
        time.pass(MINUTE.multipliedBy(2));
        QuotaGroup.Member killed = group.members.get(0);
        killed.commit();
        killed.running = false;
        time.pass(Duration.ofSeconds(6)); // until the group has noticed
        killed.owned.forEach(partition -> group.members.get(1).take(partition));
        time.pass(MINUTE); // it counts as used up

        assertThat(use(group, Counted::requests, 100)).isBetween(0.97, 1.0);
    }
}
