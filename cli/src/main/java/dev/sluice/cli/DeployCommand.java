package dev.sluice.cli;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deploys a version: writes the event, then waits for an instance of the classifier to say what it made of it. */
@Command(name = "deploy", description = "Let a version answer from now on; an older one too.")
final class DeployCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "0", paramLabel = "VERSION", description = "As 'sluice models' lists it.")
    private int version;

    @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why, for the record.")
    private String reason;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "How long to wait for the classifier's word (30s).")
    private Duration timeout;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Topics topics = connection.topics();
            connection.require(topics.models(), topics.deployments(), topics.deploymentStatus());
            refuseUnknownVersion(Versions.read(connection));
            LiveVersions before = LiveVersions.read(connection);
            DeploymentStatus status = before.serves(version) ? before.newest().orElseThrow() : deploy(connection);
            report(status, before.serves(version));
            return status.getState() == DeploymentState.SERVING ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private void refuseUnknownVersion(Versions versions) {
        if (versions.of(version).isEmpty()) {
            String known = versions.all().stream()
                    .map(each -> Integer.toString(each.getVersion()))
                    .collect(Collectors.joining(", "));
            throw new CommandException("there is no version " + version + ": "
                    + (known.isEmpty() ? "none is published yet ('sluice train')" : "published are " + known));
        }
    }

    private DeploymentStatus deploy(Connection connection) {
        Topics topics = connection.topics();
        try (var statuses = connection.readFromEnd(topics.deploymentStatus())) {
            connection.send(
                    topics.deployments(),
                    topics.classifier(),
                    Deployment.newBuilder()
                            .setVersion(version)
                            .setClassifier(topics.classifier())
                            .setBy(Operator.name())
                            .setReason(reason)
                            .setCreatedAt(Clock.systemUTC().instant())
                            .build());
            Deadline deadline = Deadline.in(timeout);
            while (!deadline.passed()) {
                Optional<DeploymentStatus> answer = statuses.poll().stream()
                        .flatMap(read -> read.value().stream())
                        .filter(status ->
                                status.getVersion() == version && status.getState() != DeploymentState.WAITING)
                        .findFirst();
                if (answer.isPresent()) {
                    return answer.get();
                }
            }
        }
        throw new CommandException("version " + version + " is deployed, but no classifier took it up within "
                + Durations.text(timeout) + ": is one running ('sluice status')? It will take it up when it starts");
    }

    private void report(DeploymentStatus status, boolean already) {
        if (output.json()) {
            output.line(StatusJson.of(status));
        } else if (status.getState() == DeploymentState.SERVING) {
            output.line("version " + version + (already ? " is live already" : " is live"));
        } else {
            throw new CommandException("version " + version + " was refused: " + status.getReason()
                    + status.getServingVersion()
                            .map(serving -> "; version " + serving + " goes on answering")
                            .orElse(""));
        }
    }
}
