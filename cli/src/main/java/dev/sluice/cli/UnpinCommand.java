package dev.sluice.cli;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.Deployments.Change;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Takes a pin away. What lost to it has lost: only what comes later is deployed. */
@Command(name = "unpin", description = "Let the versions be deployed again that the trainer makes from now on.")
final class UnpinCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Mixin
    private Deploying deploying;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            connection.require(connection.topics().deployments());
            boolean pinned = DeploymentLog.read(connection).pinned();
            Change change = deploying.write(connection, Deployment.newBuilder().setAction(DeploymentAction.UNPIN));
            if (output.json()) {
                output.line(HistoryCommand.json(change));
            } else {
                output.line((pinned ? "no version is pinned any more" : "no version was pinned")
                        + change.to()
                                .map(live -> "; version " + live + " answers until another is deployed")
                                .orElse(""));
            }
            return ExitCode.OK;
        }
    }
}
