package dev.sluice.cli;

import dev.sluice.schemas.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
            write(bytes);
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

    private void write(byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new CommandException("cannot write " + file + " (" + e + "): choose another with --to", e);
        }
    }
}
