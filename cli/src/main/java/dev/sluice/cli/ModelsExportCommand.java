package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.models.ModelFile;
import dev.sluice.models.PresetFolder;
import dev.sluice.models.WholeFile;
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

/** Writes a version to a preset folder, or to one file, that other programs read. */
@Command(
        name = "export",
        description =
                "Write a version to a preset folder (config.json, weights as safetensors) or to one file, for Java code"
                        + " (TextClassifier), other programs or another Sluice.")
final class ModelsExportCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "0", paramLabel = "VERSION", description = "As 'sluice models' lists it.")
    private int number;

    @Option(
            names = "--to",
            paramLabel = "PATH",
            required = true,
            description =
                    "A folder, if it is one, ends with / or has no dot in its name; else one file. What exists is replaced.")
    private String to;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Versions versions = Versions.read(connection);
            Deploying.refuseUnknown(number, versions);
            ModelVersion version = versions.of(number).orElseThrow();
            if (isFolder(to)) {
                writeFolder(Path.of(to), version);
                report(object().put("folder", to), version);
            } else {
                byte[] bytes = ModelFile.toBytes(version);
                write(Path.of(to), bytes);
                report(object().put("file", to).put("bytes", bytes.length), version);
            }
            return ExitCode.OK;
        }
    }

    /** What exists decides for itself; a new file has a dot in its name, unless it is said to be a folder. */
    static boolean isFolder(String to) {
        Path path = Path.of(to);
        return Files.exists(path)
                ? Files.isDirectory(path)
                : to.endsWith("/") || !path.getFileName().toString().contains(".");
    }

    private ObjectNode object() {
        return OutputOptions.object().put("version", number);
    }

    private void report(ObjectNode what, ModelVersion version) {
        if (output.json()) {
            output.line(what.put("sha256", version.getSha256()));
        } else {
            output.line("version " + number + " is in " + to
                    + (what.has("bytes") ? ", " + what.path("bytes").asInt() + " bytes" : ""));
        }
    }

    private static void writeFolder(Path folder, ModelVersion version) {
        try {
            PresetFolder.write(folder, version);
        } catch (IOException e) {
            throw new CommandException("cannot write " + folder + " (" + e + "): choose another with --to", e);
        }
    }

    static void write(Path file, byte[] bytes) {
        try {
            WholeFile.write(file, bytes);
        } catch (IOException e) {
            throw new CommandException("cannot write " + file + " (" + e + "): choose another with --to", e);
        }
    }
}
