package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.PredictionStatus;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayNoteTest {
    /** What brokers take as metadata unless they are told otherwise, in bytes. */
    private static final int BROKER_LIMIT = 4096;

    @Test
    void shouldBeTheSameAfterTheJourneyWhenWrittenWithAndWithoutAStatus() {
        ReplayNote all = new ReplayNote(Samples.TIME, Optional.empty(), 3, Long.MAX_VALUE);
        ReplayNote some = new ReplayNote(Samples.TIME, Optional.of(PredictionStatus.NO_MODEL), 3, 0);

        assertThat(ReplayNote.parse(all.text())).isEqualTo(all);
        assertThat(ReplayNote.parse(some.text())).isEqualTo(some);
        assertThat(all.text()).hasSizeLessThan(BROKER_LIMIT);
    }

    @Test
    void shouldDifferInTheEndAloneWhenItIsAnotherPartitions() {
        ReplayNote note = new ReplayNote(Samples.TIME, Optional.of(PredictionStatus.ABSTAINED), 3, 5);

        assertThat(note.withEnd(9)).isEqualTo(new ReplayNote(note.from(), note.status(), 3, 9));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "held",
                "from=2026-11-22T09:00:00Z version=3",
                "from=today version=3 end=5",
                "from=2026-11-22T09:00:00Z version=x end=5",
                "from=2026-11-22T09:00:00Z version=3 end=5 status=LOST"
            })
    void shouldSayWhatToDoWhenTheTextIsNoNote(String text) {
        assertThatThrownBy(() -> ReplayNote.parse(text))
                .isInstanceOf(RefusedReplayException.class)
                .hasMessageContaining("begin a new one");
    }
}
