package dev.sluice.classifier;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class StreamFailuresTest {
    private final Throwable passing = new StreamsException("outer", new TimeoutException("no broker"));

    private final SteppedClock clock = new SteppedClock();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final StreamFailures failures = new StreamFailures(Path.of("state"), clock, ended);

    @Test
    void shouldReplaceTheThreadWhenTheFailureMayPass() {
        assertThat(failures.handle(passing)).isEqualTo(REPLACE_THREAD);
        assertThat(ended).isNotDone();
    }

    @Test
    void shouldReplaceTheThreadWhenTheBrokerHasEndedItsTransaction() {
        Throwable stale = new StreamsException("commit", new InvalidTxnStateException("ended meanwhile"));

        assertThat(failures.handle(stale)).isEqualTo(REPLACE_THREAD);
        assertThat(ended).isNotDone();
    }

    @Test
    void shouldReplaceTheThreadWhenAStoreThatWasDeletedCannotBeOpenedByTheSame() {
        assertThat(failures.handle(new InvalidStateStoreException("Store posts.0 is currently closed")))
                .isEqualTo(REPLACE_THREAD);
        assertThat(ended).isNotDone();
    }

    @Test
    void shouldEndTheServiceWhenTheFailureWillNotPass() {
        Throwable bug = new StreamsException(new IllegalStateException("bug"));

        assertThat(failures.handle(bug)).isEqualTo(SHUTDOWN_CLIENT);
        assertThat(ended).isCompletedExceptionally();
    }

    @Test
    void shouldNameTheFolderAndTheCureWhenItsDiskIsFull() {
        Throwable full = new ProcessorStateException(
                "Error while writing", new IOException("While appending to file: No space left on device"));

        assertThat(failures.handle(new StreamsException("outer", full))).isEqualTo(SHUTDOWN_CLIENT);

        assertThat(ended)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .withMessageStartingWith("the disk of the state folder state is full");
    }

    @Test
    void shouldEndTheServiceWhenTheSameKeepsHappening() {
        for (int i = 0; i < StreamFailures.REPLACEMENTS; i++) {
            assertThat(failures.handle(passing)).isEqualTo(REPLACE_THREAD);
        }

        assertThat(failures.handle(passing)).isEqualTo(SHUTDOWN_CLIENT);
        assertThat(ended).isCompletedExceptionally();
    }

    @Test
    void shouldForgetOldFailuresWhenTimeGoesBy() {
        for (int i = 0; i < 3 * StreamFailures.REPLACEMENTS; i++) {
            assertThat(failures.handle(passing)).isEqualTo(REPLACE_THREAD);
            clock.now = clock.now
                    .plus(StreamFailures.WITHIN.dividedBy(StreamFailures.REPLACEMENTS))
                    .plus(Duration.ofMillis(1));
        }
    }

    @Test
    void shouldEndTheServiceWhenTheThreadOfTheGlobalStoresFails() throws Exception {
        var answer = new CompletableFuture<Object>();
        Thread global = new Thread(() -> answer.complete(failures.handle(passing)), "x-GlobalStreamThread");

        global.start();

        assertThat(answer.get()).isEqualTo(SHUTDOWN_CLIENT);
    }

    @Test
    void shouldEndTheServiceOnlyWhenTheStreamEndsInError() {
        failures.onChange(KafkaStreams.State.PENDING_SHUTDOWN, KafkaStreams.State.RUNNING);
        failures.onChange(KafkaStreams.State.NOT_RUNNING, KafkaStreams.State.PENDING_SHUTDOWN);
        assertThat(ended).isNotDone();

        failures.onChange(KafkaStreams.State.ERROR, KafkaStreams.State.PENDING_ERROR);
        assertThat(ended).isCompletedExceptionally();
    }

    private static final class SteppedClock extends Clock {
        private Instant now = Samples.TIME;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
