package dev.sluice.cli;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.concurrent.Callable;
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

    @Mixin
    private Deploying deploying;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "How long to wait for the classifier's word (30s).")
    private Duration timeout;

    @Parameters(index = "0", paramLabel = "VERSION", description = "As 'sluice models' lists it.")
    private int version;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Topics topics = connection.topics();
            connection.require(topics.models(), topics.deployments(), topics.deploymentStatus());
            Deploying.refuseUnknown(version, Versions.read(connection));
            LiveVersions before = LiveVersions.read(connection);
            boolean already = before.serves(version);
            DeploymentStatus status = already
                    ? before.newest().orElseThrow()
                    : deploying.writeAndWait(connection, Deployment.newBuilder().setVersion(version), timeout);
            boolean pinned = DeploymentLog.read(connection).pinned();
            Deploying.report(
                    output, status, (already ? "is live already" : "is live") + (pinned ? ", and pinned" : ""));
            return status.getState() == DeploymentState.SERVING ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }
}
