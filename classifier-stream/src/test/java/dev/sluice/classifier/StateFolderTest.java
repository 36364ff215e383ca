package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.errors.ProcessorStateException;
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

    private StateFolder open() {
        return StateFolder.open(Optional.of(kept), "cluster", "app");
    }

    /** What was there when something was started, which then failed and let go of the folder. */
    private static final class Starts {
        private final List<Boolean> found = new ArrayList<>();

        String failing(StateFolder folder, Exception cause) {
            try (folder) {
                found.add(Files.exists(folder.path().resolve("models/file")));
                throw new ProcessorStateException("Error opening store", cause);
            }
        }

        String failingOnce(StateFolder folder) {
            return found.isEmpty() ? failing(folder, new IOException("Corruption: checksum")) : startedIn(folder);
        }

        private String startedIn(StateFolder folder) {
            try (folder) {
                found.add(Files.exists(folder.path().resolve("models/file")));
                return "started";
            }
        }
    }

    @Test
    void shouldStartAgainInAnEmptyFolderWhenTheCopyCannotBeUsed() throws IOException {
        made(kept.resolve("cluster/models"));
        Starts starts = new Starts();

        assertThat(StateFolder.startIn(this::open, starts::failingOnce)).isEqualTo("started");

        assertThat(starts.found).as("with the copy, then without").containsExactly(true, false);
    }

    @Test
    void shouldKeepTheCopyAndSayWhyWhenTheDiskIsFull() throws IOException {
        Path models = made(kept.resolve("cluster/models"));
        Starts starts = new Starts();

        assertThatThrownBy(() -> StateFolder.startIn(
                        this::open, it -> starts.failing(it, new IOException("write: No space left on device"))))
                .isInstanceOf(KafkaException.class)
                .hasMessageContaining("the disk of the state folder " + kept.resolve("cluster"))
                .hasMessageContaining("make room");

        assertThat(starts.found).as("tried once").containsExactly(true);
        assertThat(models.resolve("file")).exists();
    }

    private static Path made(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.createFile(folder.resolve("file"));
        return folder;
    }
}
