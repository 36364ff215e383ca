package dev.sluice.cli;

import dev.sluice.models.ModelFile;
import dev.sluice.schemas.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a version to a file that other programs read. */
@Command(
        name = "export",
        description = "Write a version to a file (safetensors), for other programs or another Sluice.")
final class ModelsExportCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "0", paramLabel = "VERSION", description = "As 'sluice models' lists it.")
    private int number;

    @Option(
            names = "--to",
            paramLabel = "FILE",
            required = true,
            description = "The file; one that exists is replaced.")
    private Path file;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Versions versions = Versions.read(connection);
            Deploying.refuseUnknown(number, versions);
            ModelVersion version = versions.of(number).orElseThrow();
            byte[] bytes = ModelFile.toBytes(version);
            write(file, bytes);
            if (output.json()) {
                output.line(OutputOptions.object()
                        .put("version", number)
                        .put("file", file.toString())
                        .put("bytes", bytes.length)
                        .put("sha256", version.getSha256()));
            } else {
                output.line("version " + number + " is in " + file + ", " + bytes.length + " bytes");
            }
            return ExitCode.OK;
        }
    }

    /** Whole or not at all: whoever reads the file meanwhile, or after a full disk, has the one that was there before. */
    static void write(Path file, byte[] bytes) {
        try {
            Path whole = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            if (Files.exists(whole) && !Files.isRegularFile(whole)) { // /dev/stdout
                Files.write(whole, bytes);
                return;
            }
            Path part = whole.resolveSibling("." + whole.getFileName() + "." + UUID.randomUUID() + ".part");
            try {
                Files.write(part, bytes, StandardOpenOption.CREATE_NEW);
                Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new CommandException("cannot write " + file + " (" + e + "): choose another with --to", e);
        }
    }
}
