package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourcesTest {
    private final List<String> closed = new ArrayList<>();
    private final List<Duration> told = new ArrayList<>();
    private final Resources resources = new Resources(told::add);

    @Test
    void shouldCloseInTheOppositeOrderWhenClosed() {
        resources.add(() -> closed.add("first"));
        resources.add(() -> closed.add("second"));

        resources.close();

        assertThat(closed).containsExactly("second", "first");
        assertThat(resources.closed()).isTrue();
    }

    @Test
    void shouldCloseEachOnceWhenClosedTwice() {
        resources.add(() -> closed.add("only"));

        resources.close();
        resources.close();

        assertThat(closed).containsExactly("only");
        assertThat(told).hasSize(1);
    }

    @Test
    void shouldCloseTheOthersWhenOneFails() {
        resources.add(() -> closed.add("first"));
        resources.add(() -> {
            throw new IllegalStateException("on purpose");
        });

        resources.close();

        assertThat(closed).containsExactly("first");
    }

    @Test
    void shouldCloseAtOnceWhenOpenedTooLate() {
        resources.close();

        resources.add(() -> closed.add("late"));

        assertThat(closed).containsExactly("late");
    }
}
