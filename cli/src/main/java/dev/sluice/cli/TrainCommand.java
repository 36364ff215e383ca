package dev.sluice.cli;

import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.ModelVersions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Asks the trainer to fit now, and waits for the version that answers. */
@Command(name = "train", description = "Fit a new version now, from all labelled posts so far.")
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting of the trainer for this fit only, as epochs=5. May be repeated.")
    private Map<String, String> overrides = new TreeMap<>();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            description = "How long to wait for the version (10m).")
    private Duration timeout;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            ModelSummary model =
                    new ModelSummary(new FitRequest(overrides, timeout).send(connection), Optional.empty(), false);
            if (output.json()) {
                output.line(model.json());
            } else {
                output.line("version " + model.version().getVersion() + " is published: " + model.examples()
                        + " examples, "
                        + model.version().getTraining().getHistory().size() + " epochs"
                        + Versions.evaluationOf(model.version())
                                .map(each -> ", " + Measure.sentence(model.version(), each))
                                .orElse("")
                        + ModelVersions.heldBack(model.version())
                                .map(why -> "; not deployed: " + why)
                                .orElse(""));
                noteIfPinned(connection, model.version().getVersion());
            }
            return ExitCode.OK;
        }
    }

    private void noteIfPinned(Connection connection, int version) {
        Deployments deployments = DeploymentLog.read(connection);
        deployments
                .live()
                .filter(live -> deployments.pinned() && live != version)
                .ifPresent(
                        pinned -> output.note("version " + pinned + " is pinned and goes on answering; 'sluice deploy "
                                + version + "' lets version " + version + " answer"));
    }
}
