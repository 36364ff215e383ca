package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.ModelVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes what is known of a version as a page to look at. */
@Command(name = "report", description = "Write a version's figures, plots, mistakes and lineage as one HTML page.")
final class ReportCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "VERSION",
            description = "As 'sluice models' lists it; the newest if none is named.")
    private Optional<Integer> number = Optional.empty();

    @Option(
            names = "--to",
            paramLabel = "FILE",
            defaultValue = "report.html",
            description = "The file (report.html); one that exists is replaced.")
    private Path file;

    @Option(names = "--open", description = "Show it in the browser.")
    private boolean open;

    @Option(
            names = "--plots",
            paramLabel = "DIR",
            description = "Write the plots into this folder too, an SVG file each.")
    private Optional<Path> plots = Optional.empty();

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            ModelVersion version = version(Versions.read(connection));
            Report report = Report.of(connection, version);
            report.write(file);
            List<Path> pictures =
                    plots.map(folder -> writePlots(report, folder)).orElse(List.of());
            tell(version, pictures);
            if (open) {
                show();
            }
            return ExitCode.OK;
        }
    }

    private ModelVersion version(Versions versions) {
        number.ifPresent(asked -> Deploying.refuseUnknown(asked, versions));
        return number.flatMap(versions::of)
                .or(versions::newest)
                .orElseThrow(() -> new CommandException("there is no version yet: one comes some seconds after labelled"
                        + " posts ('sluice produce --data bundled'), or by 'sluice train'"));
    }

    /** @throws CommandException if the folder cannot be written to */
    static List<Path> writePlots(Report report, Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CommandException(
                    "cannot make the folder " + folder + " (" + e + "): choose another with --plots", e);
        }
        List<Path> written = new ArrayList<>();
        for (Plot plot : report.plots()) {
            Path picture = folder.resolve(plot.name() + ".svg");
            ModelsExportCommand.write(picture, plot.file().getBytes(StandardCharsets.UTF_8));
            written.add(picture);
        }
        return List.copyOf(written);
    }

    private void tell(ModelVersion version, List<Path> pictures) {
        if (output.json()) {
            ObjectNode json = OutputOptions.object()
                    .put("classifier", version.getClassifier())
                    .put("version", version.getVersion())
                    .put("file", file.toString());
            ArrayNode files = json.putArray("plots");
            pictures.forEach(each -> files.add(each.toString()));
            output.line(json);
            return;
        }
        output.line("the report on version " + version.getVersion() + " is in " + file);
        pictures.forEach(each -> output.line("  " + each));
    }

    private void show() {
        List<String> command = new ArrayList<>(opener(System.getProperty("os.name")));
        command.add(file.toAbsolutePath().toUri().toString());
        try {
            new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            output.note("no browser can be opened from here (" + command.get(0) + "): open " + file.toAbsolutePath());
        }
    }

    /** What opens a file as if it had been clicked on. */
    static List<String> opener(String system) {
        String name = system.toLowerCase(Locale.ROOT);
        return name.startsWith("mac")
                ? List.of("open")
                : name.startsWith("windows") ? List.of("rundll32", "url.dll,FileProtocolHandler") : List.of("xdg-open");
    }
}
