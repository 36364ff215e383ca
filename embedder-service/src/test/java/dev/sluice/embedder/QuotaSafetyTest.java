package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedder.CountingProvider.Counted;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever happens to embedders, no window holds more than the quota: seeded random histories in virtual time. */
class QuotaSafetyTest {
    private static final Duration WINDOW = Duration.ofSeconds(60);
    private static final int REQUESTS = 100;
    private static final int TOKENS = 20_000;
    private static final long PER_DAY = 150;
    private static final long LONGEST_CALL_MILLIS = 25_000;

    /** The broker's, before it takes a silent member for dead; an answer is long there by then, or never comes. */
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(26);

    private Random random;
    private VirtualTime time;
    private QuotaGroup group;

    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldNeverExceedAMinutesQuotaWhenPartitionsMoveAndMembersDie(int seed) {
        run(seed, new QuotaLimits(REQUESTS, TOKENS, 0, true, WINDOW, 4), Instant.parse("2026-11-22T20:00:00Z"));

        assertThat(group.provider.mostInAWindow(Counted::requests, WINDOW)).isLessThanOrEqualTo(REQUESTS);
        assertThat(group.provider.mostInAWindow(Counted::tokens, WINDOW)).isLessThanOrEqualTo(TOKENS);
        assertThat(group.provider.sum(Counted::requests, 0, Long.MAX_VALUE)).isGreaterThan(REQUESTS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldNeverExceedADaysQuotaWhenPartitionsMoveAndMembersDie(int seed) {
        Instant midnight = Instant.parse("2026-11-22T08:00:00Z");
        Duration before = Duration.ofMinutes(3).plusSeconds(seed);

        run(seed, new QuotaLimits(REQUESTS, 0, (int) PER_DAY, true, WINDOW, 4), midnight.minus(before));

        long yesterday = group.provider.sum(Counted::requests, 0, before.toNanos());
        long today = group.provider.sum(Counted::requests, before.toNanos(), Long.MAX_VALUE);
        assertThat(yesterday).isLessThanOrEqualTo(PER_DAY);
        assertThat(today).isLessThanOrEqualTo(PER_DAY);
        assertThat(yesterday + today).isPositive();
    }

    private void run(int seed, QuotaLimits limits, Instant begin) {
        random = new Random(seed);
        time = new VirtualTime(begin);
        int partitions = random.nextInt(1, 13);
        group = new QuotaGroup(time, limits, partitions, random, this::texts, this::latency);
        for (int i = 0; i < 3; i++) {
            join();
        }
        for (int partition = 0; partition < partitions; partition++) {
            anyRunning().take(partition);
        }
        commitNowAndThen();
        for (int i = 0; i < 150; i++) {
            time.pass(Duration.ofMillis(random.nextInt(6000)));
            disturb();
        }
    }

    private void commitNowAndThen() {
        group.members.stream().filter(member -> member.running).forEach(QuotaGroup.Member::commit);
        time.after(Duration.ofSeconds(5), this::commitNowAndThen);
    }

    private List<String> texts() {
        return Collections.nCopies(random.nextInt(1, 20), "four".repeat(random.nextInt(1, 600)));
    }

    /** Most are short, some very long. */
    private Duration latency() {
        long most = random.nextInt(10) == 0 ? LONGEST_CALL_MILLIS : 400;
        return Duration.ofNanos(random.nextLong(most * 1_000_000));
    }

    /** Its clock may be wrong by half a second. */
    private QuotaGroup.Member join() {
        return group.join(Duration.ofMillis(random.nextInt(-499, 500)));
    }

    private QuotaGroup.Member anyRunning() {
        List<QuotaGroup.Member> running =
                group.members.stream().filter(member -> member.running).toList();
        return running.isEmpty() ? join() : running.get(random.nextInt(running.size()));
    }

    private void disturb() {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> moveOne(anyRunning());
            case 3 -> kill(anyRunning());
            case 4 -> join();
            case 5 -> fence(anyRunning());
            default -> anyRunning().commit();
        }
    }

    /** A clean hand-over, with calls in flight. */
    private void moveOne(QuotaGroup.Member from) {
        List<Integer> owned = List.copyOf(from.owned);
        if (!owned.isEmpty()) {
            int partition = owned.get(random.nextInt(owned.size()));
            from.give(partition);
            time.after(
                    Duration.ofMillis(random.nextInt(800)), () -> anyRunning().take(partition));
        }
    }

    private void kill(QuotaGroup.Member member) {
        member.running = false;
        List<Integer> orphans = List.copyOf(member.owned);
        time.after(
                SESSION_TIMEOUT, () -> orphans.forEach(partition -> anyRunning().take(partition)));
    }

    /** It stood still so long that others have its partitions; then it goes on and is told. */
    private void fence(QuotaGroup.Member member) {
        kill(member);
        time.after(SESSION_TIMEOUT.plusMillis(1), () -> {
            List.copyOf(member.owned).forEach(member::drop);
            member.running = true;
            member.work();
        });
    }
}
