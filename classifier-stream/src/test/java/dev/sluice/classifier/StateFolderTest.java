package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
    @TempDir
    Path kept;

    @Test
    void shouldKeepWhatWaitsForLabelsOnlyOfTheRetentionThatIsSet() throws IOException {
        StateFolder folder = StateFolder.open(Optional.of(kept), "cluster", "app");
        Path week = made(folder.learning(Duration.ofDays(7)));
        Path day = made(folder.learning(Duration.ofDays(1)));
        Path models = made(folder.path().resolve("sluice-classify"));
        assertThat(week).isNotEqualTo(day);

        folder.keepOnly(folder.learning(Duration.ofDays(7)));

        assertThat(week.resolve("file")).exists();
        assertThat(models.resolve("file")).exists();
        assertThat(day).doesNotExist();
    }

    @Test
    void shouldDoNothingWhenThereIsNothingYet() {
        try (StateFolder folder = StateFolder.open(Optional.empty(), "cluster", "app")) {
            folder.clear();

            folder.keepOnly(folder.learning(Duration.ofDays(7)));

            assertThat(folder.path()).doesNotExist();
        }
    }

    @Test
    void shouldRefuseASecondInstanceUntilTheFirstHasClosed() {
        try (StateFolder first = StateFolder.open(Optional.of(kept), "cluster", "app")) {
            assertThat(first.path()).isDirectory();
            assertThatThrownBy(() -> StateFolder.open(Optional.of(kept), "cluster", "app"))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("state.dir")
                    .hasMessageContaining(kept.toString())
                    .hasMessageContaining("in use by another instance");
            StateFolder.open(Optional.of(kept), "cluster", "another app").close();
            StateFolder.open(Optional.of(kept), "another cluster", "app").close();
        }

        StateFolder.open(Optional.of(kept), "cluster", "app").close();
    }

    @Test
    void shouldKeepTheLockWhenTheCopyIsCleared() {
        try (StateFolder folder = StateFolder.open(Optional.of(kept), "cluster", "app")) {
            folder.clear();

            assertThatThrownBy(() -> StateFolder.open(Optional.of(kept), "cluster", "app"))
                    .hasMessageContaining("in use by another instance");
        }
    }

    @Test
    void shouldSayWhyWhenThereIsNoWriting() throws IOException {
        Path file = Files.createFile(kept.resolve("file"));

        assertThatThrownBy(() -> StateFolder.open(Optional.of(file.resolve("below")), "cluster", "app"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("state.dir")
                .hasMessageContaining("cannot be written");
    }

    @Test
    void shouldLeaveNothingButTheLockWhenItWasOnlyOpened() throws IOException {
        StateFolder.open(Optional.of(kept), "cluster", "app").close();

        try (Stream<Path> inside = Files.walk(kept)) {
            assertThat(inside.map(each -> kept.relativize(each).toString()))
                    .containsExactlyInAnyOrder("", "cluster", "cluster.app.lock");
        }
    }

    private static Path made(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.createFile(folder.resolve("file"));
        return folder;
    }
}
