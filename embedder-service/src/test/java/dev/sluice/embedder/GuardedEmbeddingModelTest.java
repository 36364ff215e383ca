package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.EmbeddingSpace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardedEmbeddingModelTest {
    private static final List<String> TEXTS = List.of("a", "bb");
    private static final Instant NOON = Instant.parse("2026-11-22T20:00:00Z"); // in California
    private static final QuotaLimits NO_LIMITS = new QuotaLimits(0, 0, 0, true, Duration.ofMinutes(1), 4);

    private final FakeEmbeddingModel model = new FakeEmbeddingModel();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EmbedderMeters meters = new EmbedderMeters(registry);
    private final VirtualTime time = new VirtualTime(NOON);
    private final Clock clock = time.clock();

    private Quota quota = new Quota(NO_LIMITS, 100, clock, time::nanos, meters);

    private GuardedEmbeddingModel guarded(Duration backoff, int failures) {
        return new GuardedEmbeddingModel(
                model, quota, new Patience(backoff, backoff, failures, Duration.ofSeconds(32)), clock, meters);
    }

    private GuardedEmbeddingModel guarded() {
        return guarded(Duration.ofMillis(1), 1000);
    }

    private void failTimes(int times) {
        for (int i = 0; i < times; i++) {
            model.failures.add(new ProviderUnavailableException("away"));
        }
    }

    private double retries(String cause) {
        return registry.counter("sluice.embedder.retries", "cause", cause).count();
    }

    private static void embed(GuardedEmbeddingModel guarded, AtomicReference<Object> outcome) {
        try {
            outcome.set(guarded.embed(TEXTS));
        } catch (InterruptedException | RuntimeException e) {
            outcome.set(e);
        }
    }

    /** Runs until the thread waits, for good as it seems. */
    private static Thread started(GuardedEmbeddingModel guarded, AtomicReference<Object> outcome) {
        Thread caller = new Thread(() -> embed(guarded, outcome));
        caller.start();
        while (caller.getState() != Thread.State.TIMED_WAITING && caller.isAlive()) {
            Thread.onSpinWait();
        }
        return caller;
    }

    private static void end(Thread caller) throws InterruptedException {
        caller.join(10_000);
        assertThat(caller.isAlive()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 20})
    void shouldAnswerWhenAnAttemptSucceedsHoweverLate(int failures) throws Exception {
        failTimes(failures);

        assertThat(guarded().embed(TEXTS)).hasSize(2);
        assertThat(registry.get("sluice.embedder.calls").counter().count()).isEqualTo(failures + 1.0);
        assertThat(registry.get("sluice.embedder.call.texts").summary().totalAmount())
                .isEqualTo(2 * (failures + 1.0));
        assertThat(retries("unavailable")).isEqualTo(failures);
    }

    @Test
    void shouldNotTryAgainWhenTheFailureWillNotPass() {
        for (RuntimeException failure : List.of(
                new TextRefusedException("no"),
                new ProviderMisconfiguredException("no"),
                new IllegalStateException("bug"))) {
            model.calls.clear();
            model.failures.add(failure);

            assertThatThrownBy(() -> guarded().embed(TEXTS)).isSameAs(failure);
            assertThat(model.calls).hasSize(1);
        }
    }

    @Test
    void shouldBlameTheSettingsWhenTheModelRefusesEverything() {
        model.refusesAll = true;

        assertThatThrownBy(() -> guarded().embed(List.of("good")))
                .isInstanceOf(ProviderMisconfiguredException.class)
                .hasMessageContaining("refuses even a plain sentence");
        assertThat(model.calls).containsExactly(List.of("good"), GuardedEmbeddingModel.HARMLESS);
    }

    @Test
    void shouldBlameTheTextWhenTheModelHasAnsweredBeforeOrTakesAPlainSentence() throws Exception {
        GuardedEmbeddingModel guarded = guarded();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> guarded.embed(List.of("refuse me"))).isInstanceOf(TextRefusedException.class);
        }
        assertThat(model.calls)
                .containsExactly(List.of("refuse me"), GuardedEmbeddingModel.HARMLESS, List.of("refuse me"));
    }

    @Test
    void shouldBlameTheSettingsWhenNoVectorIsOfUse() {
        model.spoilsAll = true;

        assertThatThrownBy(() -> guarded().embed(TEXTS))
                .isInstanceOf(ProviderMisconfiguredException.class)
                .hasMessageContaining("even a plain sentence no vector");
    }

    @Test
    void shouldHandOnWhatIsOfUseWhenSomeVectorIsNot() throws Exception {
        assertThat(guarded().embed(List.of("spoil me", "a")))
                .extracting(it -> it.length)
                .containsExactly(0, 2);
        assertThat(model.calls).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"2, false", "3, true", "4, true"})
    void shouldRefuseSeveralTextsWhenTheyAreMiscountedAgainAndAgain(int times, boolean refused) throws Exception {
        for (int i = 0; i < times; i++) {
            model.failures.add(new MiscountedAnswerException("1 vector for 2 texts"));
        }
        if (refused) {
            assertThatThrownBy(() -> guarded().embed(TEXTS))
                    .isInstanceOf(TextRefusedException.class)
                    .hasMessage("3 times in a row: 1 vector for 2 texts");
        } else {
            assertThat(guarded().embed(TEXTS)).hasSize(2);
        }
        assertThat(model.calls).hasSize(3);
    }

    @Test
    void shouldBlameATextWhenItIsMiscountedAndAPlainSentenceIsNot() {
        assertThatThrownBy(() -> guarded().embed(List.of("miscount me"))).isInstanceOf(TextRefusedException.class);
        assertThat(model.calls).hasSize(GuardedEmbeddingModel.MISCOUNTS + 1).endsWith(GuardedEmbeddingModel.HARMLESS);
    }

    @Test
    void shouldBlameTheProviderAndWaitWhenItMiscountsAPlainSentenceToo() throws Exception {
        int times = GuardedEmbeddingModel.MISCOUNTS + 20;
        for (int i = 0; i < times; i++) {
            model.failures.add(new MiscountedAnswerException("no vector"));
        }

        assertThat(guarded().embed(List.of("good"))).hasSize(1);

        assertThat(model.calls).hasSize(times + 2).endsWith(GuardedEmbeddingModel.HARMLESS, List.of("good"));
    }

    @Test
    void shouldSendAndChargeNothingWhenTheLastLookSaysThatNothingIsNeeded() throws Exception {
        quota = new Quota(new QuotaLimits(60, 0, 0, true, Duration.ofMinutes(1), 4), 100, clock, time::nanos, meters);
        quota.take(0, 1, "");
        quota.setNoted();

        assertThat(guarded().call(TEXTS, () -> false)).isEmpty();

        assertThat(model.calls).isEmpty();
        assertThat(registry.get("sluice.embedder.calls").counter().count()).isZero();
        assertThat(registry.get("sluice.embedder.quota.used").gauge().value()).isZero();
    }

    @Test
    void shouldLookAgainBeforeEachAttemptWhenTheFirstHasFailed() throws Exception {
        failTimes(1);

        assertThat(guarded().call(TEXTS, () -> model.calls.isEmpty())).isEmpty();

        assertThat(model.calls).hasSize(1);
    }

    @Test
    void shouldTakeAPermitForEveryAttemptWhenThereIsALimit() throws Exception {
        quota = new Quota(new QuotaLimits(60, 0, 0, true, Duration.ofMinutes(1), 4), 100, clock, time::nanos, meters);
        quota.take(0, 1, "");
        quota.setNoted();
        failTimes(2);

        guarded().embed(TEXTS);

        assertThat(registry.get("sluice.embedder.quota.used").gauge().value()).isEqualTo(6 / 60.0);
        assertThat(registry.get("sluice.embedder.permit.wait").timer().count()).isEqualTo(3);
    }

    @Test
    void shouldMakeSeveralCallsWhenTheShareHasBecomeTooSmallForOne() throws Exception {
        quota = new Quota(new QuotaLimits(6, 0, 0, true, Duration.ofMinutes(1), 4), 100, clock, time::nanos, meters);
        quota.take(0, 2, "");
        quota.setNoted();

        assertThat(guarded().embed(TEXTS)).extracting(vector -> vector[0]).containsExactly(1f, 2f);
        assertThat(model.calls).containsExactly(List.of("a"), List.of("bb"));
    }

    @Test
    void shouldWaitAsLongAsTheProviderSaysWhenItsMinuteIsUsedUp() throws Exception {
        model.failures.add(new QuotaExceededException("busy", false, Optional.of(Duration.ofSeconds(34)), null));
        AtomicReference<Object> outcome = new AtomicReference<>();
        GuardedEmbeddingModel guarded = guarded(Duration.ofHours(1), 1);

        Thread caller = started(guarded, outcome);

        assertThat(guarded.waitingFor())
                .hasValueSatisfying(reason -> assertThat(reason).contains("minute"));
        time.pass(Duration.ofSeconds(34).minusNanos(1));
        assertThat(quota.ask(TEXTS).permit()).isEmpty();
        time.pass(Duration.ofSeconds(1)); // the jitter
        quota.settle(() -> {}); // so that it looks at the clock
        end(caller);
        assertThat(outcome.get()).isInstanceOf(List.class);
        assertThat(guarded.waitingFor()).isEmpty();
        assertThat(retries("quota.minute")).isEqualTo(1);
    }

    @Test
    void shouldWaitForMidnightInCaliforniaWhenTheDayIsUsedUp() throws Exception {
        model.failures.add(new QuotaExceededException("busy", true, Optional.of(Duration.ofSeconds(1)), null));
        AtomicReference<Object> outcome = new AtomicReference<>();
        GuardedEmbeddingModel guarded = guarded(Duration.ofHours(1), 1);

        Thread caller = started(guarded, outcome);

        assertThat(guarded.waitingFor())
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("day's quota").contains("2026-11-23T08:00"));
        time.pass(Duration.ofHours(12).minusNanos(1));
        assertThat(quota.ask(TEXTS).permit()).isEmpty();
        time.pass(Duration.ofSeconds(1));
        quota.settle(() -> {});
        end(caller);
        assertThat(outcome.get()).isInstanceOf(List.class);
        assertThat(retries("quota.day")).isEqualTo(1);
    }

    @Test
    void shouldAskNobodyElseWhenTheProviderIsAway() throws Exception {
        failTimes(2);
        AtomicReference<Object> outcome = new AtomicReference<>();
        GuardedEmbeddingModel guarded = guarded(Duration.ofMillis(1), 2);

        Thread caller = started(guarded, outcome);
        while (guarded.waitingFor().isEmpty()) {
            Thread.onSpinWait();
        }

        assertThat(guarded.waitingFor())
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("away").contains("2026-11-22T20:00:02Z"));
        caller.interrupt();
        end(caller);
        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        assertThat(model.calls).hasSize(2);
    }

    @Test
    void shouldGiveItsPermitBackWhenTheProviderHasGoneAwayMeanwhile() throws Exception {
        quota = new Quota(new QuotaLimits(2, 0, 0, false, Duration.ofMinutes(1), 4), 100, clock, time::nanos, meters);
        quota.take(0, 1, "");
        quota.setNoted();
        CountDownLatch failing = new CountDownLatch(1);
        EmbeddingModel slow = new EmbeddingModel() {
            @Override
            public EmbeddingSpace space() {
                return FakeEmbeddingModel.SPACE;
            }

            @Override
            public List<float[]> embed(List<String> texts) throws InterruptedException {
                failing.await();
                throw new ProviderUnavailableException("away");
            }

            @Override
            public void close() {}
        };
        Duration hour = Duration.ofHours(1);
        GuardedEmbeddingModel guarded = new GuardedEmbeddingModel(
                slow, quota, new Patience(hour, hour, 1, Duration.ofHours(32)), clock, meters);
        Quota.Asked other = quota.ask(TEXTS);
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread first = new Thread(() -> embed(guarded, outcome));
        first.start();
        while (first.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        Thread second = started(guarded, outcome); // waits for a permit

        failing.countDown();
        while (guarded.waitingFor().isEmpty()) {
            Thread.onSpinWait();
        }
        other.permit().orElseThrow().giveBack();
        while (registry.get("sluice.embedder.permit.wait").timer().count() < 2) {
            Thread.onSpinWait();
        }
        first.interrupt();
        second.interrupt();
        end(first);
        end(second);

        assertThat(registry.get("sluice.embedder.quota.used").gauge().value()).isEqualTo(0.5);
    }

    @Test
    void shouldStopWaitingForAPermitWhenInterrupted() throws Exception {
        quota.pauseFor(Duration.ofHours(1), "test");
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread caller = started(guarded(), outcome);

        caller.interrupt();
        end(caller);

        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        assertThat(model.calls).isEmpty();
    }

    @Test
    void shouldStopWaitingForTheNextAttemptWhenInterrupted() throws Exception {
        failTimes(3);
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread caller = started(guarded(Duration.ofHours(1), 1000), outcome);

        caller.interrupt();
        end(caller);

        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        assertThat(model.calls).hasSize(1);
    }

    @Test
    void shouldPassOnSpaceAndCloseWhenAsked() {
        GuardedEmbeddingModel guarded = guarded();

        assertThat(guarded.space()).isEqualTo(FakeEmbeddingModel.SPACE);
        guarded.close();
        assertThat(model.closed).isTrue();
    }
}
