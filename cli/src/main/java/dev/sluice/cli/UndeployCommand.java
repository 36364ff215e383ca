package dev.sluice.cli;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.Deployments.Change;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes away the part of a shadow or a canary. The live version has none to take away: another is deployed in its place. */
@Command(name = "undeploy", description = "End the part of the version that looks on or answers a share of the posts.")
final class UndeployCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Mixin
    private Deploying deploying;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "VERSION",
            description = "Only this one's; without it, that of both.")
    private Optional<Integer> version;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            connection.require(connection.topics().deployments());
            Optional<Integer> live = DeploymentLog.read(connection).live();
            version.filter(named -> live.equals(Optional.of(named))).ifPresent(named -> {
                throw new CommandException("version " + named
                        + " is live: deploy another in its place, or 'sluice rollback' to the one before");
            });
            Change change = deploying.write(
                    connection,
                    Deployment.newBuilder().setAction(DeploymentAction.END).setVersion(version.orElse(0)));
            if (output.json()) {
                output.line(HistoryCommand.json(change));
            } else {
                output.line(version.map(it -> "version " + it).orElse("no version")
                        + (version.isPresent() ? " neither looks on nor" : " looks on or")
                        + " answers a share of the posts any more"
                        + live.map(it -> "; version " + it + " answers").orElse(""));
            }
            return ExitCode.OK;
        }
    }
}
