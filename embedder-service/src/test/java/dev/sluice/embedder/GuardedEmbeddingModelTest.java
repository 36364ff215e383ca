package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardedEmbeddingModelTest {
    private static final List<String> TEXTS = List.of("a", "bb");

    private final FakeEmbeddingModel model = new FakeEmbeddingModel();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private GuardedEmbeddingModel guarded(int callsPerMinute, Duration backoff) {
        return new GuardedEmbeddingModel(
                model, new ProviderLimits(callsPerMinute, 3, backoff, backoff), new EmbedderMeters(registry));
    }

    private GuardedEmbeddingModel guarded() {
        return guarded(0, Duration.ofMillis(1));
    }

    private void failTimes(int times) {
        for (int i = 0; i < times; i++) {
            model.failures.add(new ProviderUnavailableException("away"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void shouldAnswerWhenAnAttemptSucceedsInTime(int failures) throws Exception {
        failTimes(failures);

        assertThat(guarded().embed(TEXTS)).hasSize(2);
        assertThat(registry.get("sluice.embedder.calls").counter().count()).isEqualTo(failures + 1.0);
        assertThat(registry.get("sluice.embedder.retries").counter().count()).isEqualTo(failures);
    }

    @Test
    void shouldGiveUpWhenAllAttemptsFail() {
        failTimes(3);

        assertThatThrownBy(() -> guarded().embed(TEXTS)).isInstanceOf(ProviderUnavailableException.class);
        assertThat(model.calls).hasSize(3);
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
    void shouldTakeAPermitForEveryAttemptWhenThereIsALimit() throws Exception {
        failTimes(2);

        guarded(60_000, Duration.ofMillis(1)).embed(TEXTS); // a permit each millisecond

        assertThat(registry.get("sluice.embedder.permit.wait").timer().count()).isEqualTo(3);
    }

    @Test
    void shouldStopWaitingForAPermitWhenInterrupted() throws Exception {
        GuardedEmbeddingModel slow = guarded(2, Duration.ofMillis(1));
        slow.embed(TEXTS); // takes the only permit of this minute
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> slow.embed(TEXTS)).isInstanceOf(InterruptedException.class);
        assertThat(model.calls).hasSize(1);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void shouldStopWaitingForTheNextAttemptWhenInterrupted() throws Exception {
        failTimes(3);
        GuardedEmbeddingModel patient = guarded(0, Duration.ofHours(1));
        Thread caller = new Thread(() -> {
            try {
                patient.embed(TEXTS);
            } catch (InterruptedException | ProviderUnavailableException e) {
                // either way it is over
            }
        });
        caller.start();
        while (caller.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        caller.interrupt();
        caller.join(10_000);

        assertThat(caller.isAlive()).isFalse();
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
