package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CircuitTest {
    private static final Duration AWAY = Duration.ofSeconds(2);

    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-22T20:00:00Z"));
    private final Circuit circuit = new Circuit(3, Duration.ofSeconds(32), time.clock());

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(circuit.enter()).isTrue();
            circuit.failed("no answer");
        }
    }

    @Test
    void shouldLetNobodyCallWhenFailuresCameInARow() {
        fail(2);
        assertThat(circuit.openUntil()).isEmpty();
        fail(1);

        assertThat(circuit.openUntil()).contains(Instant.parse("2026-11-22T20:00:02Z"));
        assertThat(circuit.enter()).isFalse();
    }

    @Test
    void shouldStartCountingAgainWhenACallHasWorked() {
        fail(2);
        assertThat(circuit.enter()).isTrue();
        circuit.worked();
        fail(2);

        assertThat(circuit.enter()).isTrue();
    }

    @Test
    void shouldLetOneTryWhenSomeTimeHasPassed() {
        fail(3);
        time.pass(AWAY.minusMillis(1));
        assertThat(circuit.enter()).isFalse();
        time.pass(Duration.ofMillis(1));

        assertThat(circuit.enter()).isTrue();
        assertThat(circuit.enter()).isFalse();
    }

    @Test
    void shouldLetAllCallWhenTheTryHasWorked() {
        fail(3);
        time.pass(AWAY);
        assertThat(circuit.enter()).isTrue();
        circuit.worked();

        assertThat(circuit.openUntil()).isEmpty();
        assertThat(circuit.enter()).isTrue();
        assertThat(circuit.enter()).isTrue();
    }

    @Test
    void shouldWaitTwiceAsLongWhenTheTryHasFailed() {
        fail(3);
        for (int seconds : new int[] {2, 4, 8, 16, 32, 32}) {
            time.pass(Duration.ofSeconds(seconds).minusMillis(1));
            assertThat(circuit.enter()).isFalse();
            time.pass(Duration.ofMillis(1));
            fail(1);
        }
        time.pass(Duration.ofSeconds(32));
        assertThat(circuit.enter()).isTrue();
        circuit.worked();
        fail(3);
        time.pass(AWAY);
        assertThat(circuit.enter()).isTrue();
    }

    @Test
    void shouldNotWaitLongerWhenACallFailsThatBeganBefore() {
        assertThat(circuit.enter()).isTrue();
        fail(3);
        time.pass(Duration.ofSeconds(1));
        circuit.failed("the first one");

        assertThat(circuit.openUntil()).contains(Instant.parse("2026-11-22T20:00:02Z"));
    }

    @Test
    void shouldLetAnotherTryWhenTheFirstHasLeft() {
        fail(3);
        time.pass(AWAY);
        assertThat(circuit.enter()).isTrue();
        circuit.left();

        assertThat(circuit.enter()).isTrue();
    }

    @Test
    void shouldWakeWhoWaitsWhenTheProviderAnswersAgain() throws Exception {
        fail(3);
        Thread waiter = new Thread(() -> {
            try {
                circuit.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        waiter.start();
        while (waiter.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }

        circuit.worked();

        waiter.join(10_000);
        assertThat(waiter.isAlive()).isFalse();
    }
}
