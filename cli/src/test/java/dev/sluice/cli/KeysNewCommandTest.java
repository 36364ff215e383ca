package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysNewCommandTest {
    @Test
    void shouldLeaveNoPrivateKeyAloneWhenThePublicOneCannotBeWritten(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("key");
        Path publicFile = Files.writeString(folder.resolve("key.pub"), "another's");

        CommandRun refused = CommandRun.of("keys", "new", file.toString());

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains(publicFile + " is there already: choose another name");
        assertThat(file).doesNotExist();
        assertThat(publicFile).hasContent("another's");

        Files.delete(publicFile);
        assertThat(CommandRun.of("keys", "new", file.toString()).exitCode()).isZero();
        assertThat(file).exists();
        assertThat(publicFile).exists();
    }
}
