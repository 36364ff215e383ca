package dev.sluice.cli;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Lets the version answer that did before. The event says which version it takes away, so that of two people who roll back
 * at one moment, one loses and is told.
 */
@Command(name = "rollback", description = "Let the version answer that did before; again for the one before that.")
final class RollbackCommand implements Callable<Integer> {
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

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Topics topics = connection.topics();
            connection.require(topics.models(), topics.deployments(), topics.deploymentStatus());
            Deployments deployments = DeploymentLog.read(connection);
            int version = deployments.previous().orElseThrow(() -> nothingBefore(deployments));
            Deploying.refuseUnknown(version, Versions.read(connection));
            DeploymentStatus status = deploying.writeAndWait(
                    connection,
                    Deployment.newBuilder()
                            .setAction(DeploymentAction.ROLLBACK)
                            .setVersion(version)
                            .setExpected(deployments.live().orElse(0)),
                    timeout);
            Deploying.report(output, status, "is live again" + (deployments.pinned() ? ", and pinned" : ""));
            if (!deployments.pinned() && !output.json()) {
                output.note("the next version that the trainer makes may take its place; 'sluice pin' prevents that");
            }
            return status.getState() == DeploymentState.SERVING ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private static CommandException nothingBefore(Deployments deployments) {
        return new CommandException(deployments
                .live()
                .map(live -> "no version was live before version " + live
                        + ": 'sluice models' lists those that can be deployed")
                .orElse("nothing was ever deployed, so there is nothing to roll back"));
    }
}
