package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.Deployments;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Lists the versions that can be deployed. */
@Command(
        name = "models",
        description = "List the versions, and what each one does; show one, export and import them.",
        subcommands = {ModelsShowCommand.class, ModelsExportCommand.class, ModelsImportCommand.class})
final class ModelsCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            LiveVersions statuses = LiveVersions.read(connection);
            Deployments deployments = DeploymentLog.read(connection);
            Optional<Integer> pinned = deployments.live().filter(version -> deployments.pinned());
            List<ModelSummary> models = Versions.read(connection).all().stream()
                    .map(version -> new ModelSummary(
                            version,
                            Role.of(version.getVersion(), statuses, deployments),
                            pinned.filter(it -> it == version.getVersion()).isPresent()))
                    .toList();
            LiveAccuracies accuracies = LiveAccuracies.read(connection);
            if (output.json()) {
                models.forEach(model -> output.line(json(model, accuracies)));
            } else if (models.isEmpty()) {
                output.note(
                        "no version yet: one comes some seconds after labelled posts ('sluice produce --data bundled'), or by 'sluice train'");
            } else {
                ModelSummary.lines(models, accuracies).forEach(output::line);
                pinned.ifPresent(version -> output.note("version " + version
                        + " is pinned: what the trainer makes is not deployed by itself, until 'sluice unpin'"));
            }
            return ExitCode.OK;
        }
    }

    private static ObjectNode json(ModelSummary model, LiveAccuracies accuracies) {
        ObjectNode json = model.json();
        ArrayNode told = json.putArray("liveEvaluations");
        accuracies.of(model.version().getVersion()).forEach(each -> told.add(LiveAccuracies.json(each)));
        return json;
    }
}
