package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
    @TempDir
    Path kept;

    @Test
    void shouldKeepWhatWaitsForLabelsOnlyOfTheRetentionThatIsSet() throws IOException {
        StateFolder folder = StateFolder.open(Optional.of(kept), "cluster");
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
        try (StateFolder folder = StateFolder.open(Optional.empty(), "cluster")) {
            folder.clear();

            folder.keepOnly(folder.learning(Duration.ofDays(7)));

            assertThat(folder.path()).doesNotExist();
        }
    }

    private static Path made(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.createFile(folder.resolve("file"));
        return folder;
    }
}
