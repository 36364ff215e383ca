package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final List<String> ONE = List.of("four");

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-22T20:00:00Z"));
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private Quota quota(int requests, int tokens, int day) {
        Clock clock = time.clock();
        return new Quota(
                new QuotaLimits(requests, tokens, day, true, MINUTE, 4),
                2048,
                clock,
                time::nanos,
                new EmbedderMeters(registry));
    }

    private static void takeAll(Quota quota, int partitions) {
        for (int partition = 0; partition < partitions; partition++) {
            quota.take(partition, partitions, "");
            quota.setNoted();
        }
    }

    /** Makes calls of one text, each answered at once, as long as it may. */
    private static int use(Quota quota) {
        for (int calls = 0; ; calls++) {
            Quota.Asked asked = quota.ask(ONE);
            if (asked.permit().isEmpty()) {
                return calls;
            }
            asked.permit().get().close();
        }
    }

    /** As {@link #use}, and does not let the pacer stop it. */
    private int useAll(Quota quota) {
        int calls = use(quota);
        for (int i = 0; i < 20; i++) {
            time.pass(Duration.ofMillis(2900));
            calls += use(quota);
        }
        return calls;
    }

    @ParameterizedTest
    @CsvSource({"100, 12", "3, 12", "12, 12", "7, 3", "2147483647, 12"})
    void shouldGiveEachPartitionAWholeShareWhenTheyMustAddUp(int limit, int partitions) {
        QuotaPeriod minute = QuotaPeriod.sliding(MINUTE, MINUTE.dividedBy(2), time.clock(), time::nanos);
        SharedLimit all = new SharedLimit(QuotaKind.REQUESTS, limit, new SharedLimit.Weight(1, text -> 0), minute);
        for (int partition = 0; partition < partitions; partition++) {
            all.take(partition, partitions, Map.of());
        }

        assertThat(all.share()).isEqualTo(limit);
        assertThat(all.room()).isEqualTo(limit);
    }

    @Test
    void shouldHoldAChargeUntilAWindowAfterTheAnswerWhenTheCallWasSlow() {
        Quota quota = quota(1, 0, 0);
        takeAll(quota, 1);
        Permit permit = quota.ask(ONE).permit().orElseThrow();
        time.pass(Duration.ofHours(1));
        assertThat(quota.ask(ONE).permit()).isEmpty(); // the provider may count it only now
        permit.close();

        time.pass(MINUTE.plus(MINUTE.dividedBy(1000))); // what clocks may differ in speed
        assertThat(quota.ask(ONE).permit()).isEmpty();
        time.pass(Duration.ofMillis(2));
        assertThat(quota.ask(ONE).permit()).isPresent();
    }

    @Test
    void shouldLoseNothingWhenACallIsNotMadeOrClosedTwice() {
        Quota quota = quota(1, 0, 0);
        takeAll(quota, 1);
        Permit unused = quota.ask(ONE).permit().orElseThrow();
        unused.giveBack();
        unused.close();

        Permit used = quota.ask(ONE).permit().orElseThrow();
        used.close();
        used.giveBack();

        assertThat(quota.ask(ONE).permit()).isEmpty();
        assertThat(registry.get("sluice.embedder.quota.used").gauge().value()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"29, 1", "30, 1", "59, 1", "60, 2", "90, 3", "3000, 100", "0, 100"})
    void shouldKeepCallsSmallWhenTheShareIsSmall(int limit, int fitting) {
        Quota quota = quota(limit, 0, 0);
        takeAll(quota, 1);

        assertThat(quota.fitting(Collections.nCopies(100, "text"))).isEqualTo(fitting);
    }

    @Test
    void shouldNotMakeCallsSmallWhenOnlyCallsCount() {
        Quota quota = new Quota(
                new QuotaLimits(1, 0, 0, false, MINUTE, 4),
                2048,
                time.clock(),
                time::nanos,
                new EmbedderMeters(registry));
        takeAll(quota, 1);

        assertThat(quota.fitting(Collections.nCopies(100, "text"))).isEqualTo(100);
        assertThat(quota.ask(Collections.nCopies(100, "text"))
                        .permit()
                        .orElseThrow()
                        .texts())
                .isEqualTo(100);
    }

    @Test
    void shouldHandOnWhatWasUsedWhenAPartitionIsGiven() {
        Quota before = quota(60, 0, 0);
        takeAll(before, 1);
        assertThat(useAll(before)).isEqualTo(60);
        Quota after = quota(60, 0, 0);

        after.take(0, 1, before.give(0));
        after.setNoted();

        assertThat(use(after)).isZero();
        assertThat(before.ask(ONE).permit()).isEmpty();
        time.pass(MINUTE.plusSeconds(2));
        assertThat(useAll(after)).isEqualTo(60);
    }

    @Test
    void shouldCountACallInFlightLongerWhenItsPartitionIsGiven() {
        assertThatACallInFlightCountsUntilAWindowAfter(Duration.ofSeconds(30), () -> quota(1, 0, 0));
    }

    @Test
    void shouldCountACallInFlightAsLongAsItMayTakeWhenThatIsMoreThanHalfAWindow() {
        Duration longestCall = Duration.ofMinutes(10);
        QuotaLimits slow = new QuotaLimits(1, 0, 0, true, MINUTE, 4, "", longestCall);
        assertThatACallInFlightCountsUntilAWindowAfter(
                longestCall, () -> new Quota(slow, 2048, time.clock(), time::nanos, new EmbedderMeters(registry)));
    }

    private void assertThatACallInFlightCountsUntilAWindowAfter(Duration longestCall, Supplier<Quota> quotas) {
        Quota before = quotas.get();
        takeAll(before, 1);
        Permit inFlight = before.ask(ONE).permit().orElseThrow();
        Quota after = quotas.get();
        after.take(0, 1, before.give(0));
        after.setNoted();
        time.pass(longestCall);
        inFlight.close(); // counted now at the latest

        time.pass(MINUTE);
        assertThat(after.ask(ONE).permit()).isEmpty();
        time.pass(Duration.ofSeconds(3));
        assertThat(after.ask(ONE).permit()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"q1 h", "q1", "q2 r", "q1 r x1:1.1", "q1 r r0:1.1", "q1 r r1:1.0", "q1 r r1:", "anybody's", "?"})
    void shouldCountAShareAsUsedWhenNothingIsKnownOfIt(String note) {
        Quota quota = quota(60, 0, 0);
        quota.take(0, 1, note);
        quota.setNoted();

        assertThat(use(quota)).isZero();
        time.pass(MINUTE.plusSeconds(1));
        assertThat(useAll(quota)).isEqualTo(60);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "q1 r"})
    void shouldBeginAfreshWhenNothingWasUsed(String note) {
        Quota quota = quota(60, 0, 0);
        quota.take(0, 1, note);
        quota.setNoted();

        assertThat(useAll(quota)).isEqualTo(60);
    }

    @Test
    void shouldExpectTheWorstWhenTheLastOwnerDied() {
        Quota dead = quota(60, 0, 0);
        takeAll(dead, 1);
        use(dead);
        String note = dead.note(0);
        Quota heir = quota(60, 0, 0);
        time.pass(Duration.ofSeconds(10));

        heir.take(0, 1, note);
        heir.setNoted();

        assertThat(use(heir)).isZero();
        assertThat(heir.note(0)).startsWith("q1 h");
        time.pass(MINUTE.plusSeconds(1));
        assertThat(useAll(heir)).isEqualTo(60);
    }

    @Test
    void shouldNotWaitForEverWhenANoteIsFromAClockFarAhead() {
        QuotaNote note = new QuotaNote(
                false,
                Map.of(
                        QuotaKind.REQUESTS,
                        new TreeMap<>(
                                Map.of(time.instant().plus(Duration.ofDays(1)).toEpochMilli(), 60L))));
        Quota quota = quota(60, 0, 0);
        quota.take(0, 1, note.text(Map.of(QuotaKind.REQUESTS, 1000L)));
        quota.setNoted();

        assertThat(use(quota)).isZero();
        time.pass(MINUTE.multipliedBy(2).plusMillis(1));
        assertThat(useAll(quota)).isEqualTo(60);
    }

    @Test
    void shouldWaitForMidnightOnlyWhenADaysNoteIsFromAClockFarAhead() {
        long nextWeek = time.instant().plus(Duration.ofDays(7)).toEpochMilli();
        QuotaNote note = new QuotaNote(false, Map.of(QuotaKind.DAY, new TreeMap<>(Map.of(nextWeek, 10L))));
        Quota quota = quota(0, 0, 10);
        quota.take(0, 1, note.text(Map.of(QuotaKind.DAY, 10_000L)));
        quota.setNoted();

        assertThat(use(quota)).isZero();
        time.pass(Duration.ofHours(12).plus(PacificDay.CLOCK_DIFFERENCE));
        assertThat(use(quota)).isZero();
        time.pass(Duration.ofMillis(1));
        assertThat(use(quota)).isEqualTo(10);
    }

    @Test
    void shouldGiveTheSameNoteAgainWhenACommitIsRepeated() {
        Quota quota = quota(60, 0, 0);
        takeAll(quota, 2);
        use(quota);

        String note = quota.give(0);

        assertThat(note).startsWith("q1 r r");
        assertThat(quota.give(0)).isEqualTo(note);
        assertThat(quota.note(0)).isEqualTo(note);
        quota.drop(0);
        assertThat(quota.give(0)).isEqualTo("q1 h");
    }

    @Test
    void shouldStopWhenTheDayIsUsedUpAndGoOnAtMidnightInCalifornia() {
        Quota quota = quota(0, 0, 10);
        takeAll(quota, 2);

        assertThat(use(quota)).isEqualTo(10);
        assertThat(quota.waitingFor()).hasValueSatisfying(reason -> assertThat(reason)
                .contains("rate.limit.requests.per.day")
                .contains("2026-11-23T08:00:10"));
        time.pass(Duration.ofHours(12));
        assertThat(use(quota)).isZero();
        time.pass(PacificDay.CLOCK_DIFFERENCE.plusMillis(1));
        assertThat(use(quota)).isEqualTo(10);
        assertThat(quota.waitingFor())
                .hasValueSatisfying(reason -> assertThat(reason).contains("2026-11-24T08:00:10"));
    }

    @Test
    void shouldHandOnTheDaysUseWhenAPartitionMovesAndForgetItTheNextDay() {
        Quota before = quota(0, 0, 10);
        takeAll(before, 1);
        before.ask(ONE).permit().orElseThrow().close();
        assertThat(before.ask(ONE).permit()).isPresent(); // in flight
        String note = before.give(0);
        Quota after = quota(0, 0, 10);
        after.take(0, 1, note);
        after.setNoted();

        assertThat(use(after)).isEqualTo(8);

        time.pass(Duration.ofHours(13));
        Quota tomorrow = quota(0, 0, 10);
        tomorrow.take(0, 1, note);
        tomorrow.setNoted();
        assertThat(use(tomorrow)).isEqualTo(10);
    }

    @Test
    void shouldAddWhatADeadOwnerMayHaveUsedToTheDay() {
        Quota dead = quota(4, 0, 10);
        takeAll(dead, 1);
        dead.ask(ONE).permit().orElseThrow().close();
        Quota heir = quota(4, 0, 10);
        heir.take(0, 1, dead.note(0));
        heir.setNoted();
        time.pass(MINUTE.plusSeconds(1));

        assertThat(useAll(heir)).isEqualTo(4);
        time.pass(MINUTE);
        assertThat(useAll(heir)).isEqualTo(2); // 10 less the one noted, three unseen and four since
    }

    @Test
    void shouldNameSettingAndCureWhenAShareWillNeverDo() {
        Quota quota = quota(2, 0, 0);
        quota.take(0, 12, "");
        quota.setNoted();
        assertThat(quota.ask(ONE).permit()).isEmpty(); // more may come in a moment
        time.pass(Duration.ofSeconds(6));

        assertThatThrownBy(() -> quota.ask(ONE))
                .isInstanceOf(ProviderMisconfiguredException.class)
                .hasMessageContaining("rate.limit.requests.per.minute is 2")
                .hasMessageContaining("1 of 12 partitions")
                .hasMessageContaining("fewer embedders");
        quota.take(5, 12, "");
        quota.setNoted();
        assertThat(quota.ask(ONE).permit()).isPresent();
    }

    @Test
    void shouldNameTheTokensWhenATextIsLongerThanTheShare() {
        Quota quota = quota(0, 10, 0);
        takeAll(quota, 1);
        time.pass(MINUTE);

        assertThat(quota.ask(List.of("x".repeat(40))).permit()).isPresent();
        assertThatThrownBy(() -> quota.ask(List.of("x".repeat(41))))
                .isInstanceOf(ProviderMisconfiguredException.class)
                .hasMessageContaining("rate.limit.tokens.per.minute");
    }

    @Test
    void shouldCountWhatIsPutBeforeATextWhenTokensAreLimited() {
        QuotaLimits limits = new QuotaLimits(0, 90, 0, true, MINUTE, 4, "12345678", MINUTE);
        Quota quota = new Quota(limits, 2048, time.clock(), time::nanos, new EmbedderMeters(registry));
        takeAll(quota, 1);

        assertThat(quota.tokensOf(ONE)).isEqualTo(3);
        assertThat(useAll(quota)).isEqualTo(30);
    }

    @Test
    void shouldMakeNoCallUntilItIsNotedThatAPartitionIsHeld() throws Exception {
        Quota quota = quota(10, 0, 0);
        quota.take(0, 2, "");
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread waiter = waiting(quota, outcome);
        assertThat(quota.ask(ONE).permit()).isEmpty();

        quota.setNoted();

        end(waiter);
        assertThat(outcome.get()).isInstanceOf(Permit.class);
        quota.take(1, 2, ""); // of which nothing is noted yet
        assertThat(quota.ask(ONE).permit()).isEmpty();
    }

    @Test
    void shouldWaitForAPartitionWhenItOwnsNone() {
        Quota quota = quota(10, 0, 0);
        time.pass(Duration.ofDays(1));

        assertThat(quota.ask(ONE).permit()).isEmpty();
    }

    @Test
    void shouldHoldEveryCallWhenItIsPausedEvenWithoutALimit() {
        Quota quota = quota(0, 0, 0);
        quota.pauseFor(Duration.ofSeconds(5), "told to");
        quota.pauseFor(Duration.ofSeconds(1), "shorter");

        assertThat(quota.ask(ONE).millis()).isEqualTo(5000);
        assertThat(quota.waitingFor()).contains("told to, until 2026-11-22T20:00:05Z");
        time.pass(Duration.ofSeconds(5));
        assertThat(quota.ask(ONE).permit()).isPresent();
        assertThat(quota.waitingFor()).isEmpty();
    }

    @Test
    void shouldSayWhenTheQuotaReturnsAndWhatTheShareIs() {
        Quota quota = quota(4, 0, 0);
        takeAll(quota, 2);
        quota.drop(1);
        use(quota);
        time.pass(MINUTE.dividedBy(2));
        use(quota);

        assertThat(registry.get("sluice.embedder.quota.share").gauge().value()).isEqualTo(0.5);
        assertThat(registry.get("sluice.embedder.quota.returns.seconds").gauge().value())
                .isBetween(25.0, 62.0);
    }

    private static Thread waiting(Quota quota, AtomicReference<Object> outcome) {
        Thread thread = new Thread(() -> {
            try {
                outcome.set(quota.acquire(ONE));
            } catch (InterruptedException | RuntimeException e) {
                outcome.set(e);
            }
        });
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
            Thread.onSpinWait();
        }
        return thread;
    }

    private static void end(Thread thread) throws InterruptedException {
        thread.join(10_000);
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void shouldGoOnWaitingNoLongerWhenTheShareGrows() throws Exception {
        Quota quota = quota(2, 0, 0);
        quota.take(0, 2, "");
        quota.setNoted();
        quota.acquire(ONE).close();
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread waiter = waiting(quota, outcome);

        quota.take(1, 2, "");
        quota.setNoted();

        end(waiter);
        assertThat(outcome.get()).isInstanceOf(Permit.class);
    }

    @Test
    void shouldServeTheNextInLineWhenTheFirstIsInterruptedAndLoseNothing() throws Exception {
        Quota quota = quota(1, 0, 0);
        quota.take(0, 1, "");
        quota.setNoted();
        quota.acquire(ONE).close();
        AtomicReference<Object> first = new AtomicReference<>();
        AtomicReference<Object> second = new AtomicReference<>();
        Thread waiter = waiting(quota, first);
        Thread next = waiting(quota, second);
        time.pass(MINUTE.plusSeconds(1)); // of which the threads hear nothing

        waiter.interrupt();

        end(waiter);
        end(next);
        assertThat(first.get()).isInstanceOf(InterruptedException.class);
        assertThat(second.get()).isInstanceOf(Permit.class);
        assertThat(registry.get("sluice.embedder.quota.used").gauge().value()).isEqualTo(1);
    }
}
