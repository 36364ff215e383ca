package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelsExportCommandTest {
    private static final byte[] OLD = {1, 2, 3};
    private static final byte[] NEW = {4, 5};

    @TempDir
    private Path folder;

    @Test
    void shouldReplaceTheFileAsAWholeWhenItIsThere() throws Exception {
        // given: what another program that has it open goes on seeing
        Path file = Files.write(folder.resolve("model"), OLD);
        Path opened = Files.createLink(folder.resolve("opened"), file);

        ModelsExportCommand.write(file, NEW);

        assertThat(file).hasBinaryContent(NEW);
        assertThat(opened).hasBinaryContent(OLD);
        assertThat(folder).isDirectoryNotContaining("glob:**part");
    }

    @Test
    void shouldWriteToWhereALinkPointsWhenItIsOne() throws Exception {
        Path file = Files.write(folder.resolve("model"), OLD);
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        ModelsExportCommand.write(link, NEW);

        assertThat(link).isSymbolicLink();
        assertThat(file).hasBinaryContent(NEW);
    }

    @Test
    void shouldWriteItselfWhenItIsNoFile() {
        ModelsExportCommand.write(Path.of("/dev/null"), NEW);

        assertThat(Path.of("/dev/null")).exists();
    }

    @Test
    void shouldLeaveNothingBehindWhenItCannotWrite() throws Exception {
        Files.createDirectory(folder.resolve("taken"));

        assertThatThrownBy(() -> ModelsExportCommand.write(folder.resolve("taken"), NEW))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("--to");
        assertThatThrownBy(() -> ModelsExportCommand.write(folder.resolve("nowhere/model"), NEW))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("--to");
        assertThat(folder).isDirectoryNotContaining("glob:**part");
    }

    @ParameterizedTest
    @CsvSource({
        "new, true",
        "new/, true",
        "new.d/, true",
        "new.safetensors, false",
        "there, true",
        "there.file, false",
        "/dev/null, false",
    })
    void shouldTakeItForAFolderWhenItIsOneOrLooksLikeOne(String name, boolean isFolder) throws Exception {
        Files.createDirectory(folder.resolve("there"));
        Files.createFile(folder.resolve("there.file"));

        assertThat(ModelsExportCommand.isFolder(name.startsWith("/") ? name : folder + "/" + name))
                .isEqualTo(isFolder);
    }
}
