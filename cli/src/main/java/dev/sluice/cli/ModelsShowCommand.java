package dev.sluice.cli;

import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.ModelVersion;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** One version closely: what it is made of and how it was judged. The page of {@code sluice report} shows more. */
@Command(name = "show", description = "Show one version: its layers, and how it was judged.")
final class ModelsShowCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "0", paramLabel = "VERSION", description = "As 'sluice models' lists it.")
    private int number;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Versions versions = Versions.read(connection);
            Deploying.refuseUnknown(number, versions);
            ModelVersion version = versions.of(number).orElseThrow();
            LayerTable layers = LayerTable.of(version);
            if (output.json()) {
                output.line(summary(connection, version)
                        .json()
                        .put("parameters", layers.parameters())
                        .set("layers", layers.json()));
            } else {
                print(version, layers);
            }
            return ExitCode.OK;
        }
    }

    private ModelSummary summary(Connection connection, ModelVersion version) {
        Deployments deployments = DeploymentLog.read(connection);
        Optional<Integer> pinned = deployments.live().filter(live -> deployments.pinned());
        return new ModelSummary(
                version,
                Role.of(number, LiveVersions.read(connection), deployments),
                pinned.filter(it -> it == number).isPresent());
    }

    private void print(ModelVersion version, LayerTable layers) {
        output.line("version " + number + ", " + ReportLineage.time(version.getCreatedAt()) + ", " + version.getTask());
        if (!version.getLabels().isEmpty()) {
            output.line("labels: " + String.join(", ", version.getLabels()));
        }
        output.line("");
        layers.lines().forEach(output::line);
        Versions.evaluationOf(version).ifPresent(evaluation -> {
            output.line("");
            TextTable figures = new TextTable("judged by", evaluation.getSplit().toString());
            Headline.of(version, evaluation).forEach(each -> figures.row(each.name(), each.value()));
            figures.lines().forEach(output::line);
        });
    }
}
