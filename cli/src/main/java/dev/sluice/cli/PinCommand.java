package dev.sluice.cli;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Holds a version against what programs decide. The pin itself is the log's word; only another version takes waiting. */
@Command(name = "pin", description = "Hold the live version, or the one named: what the trainer makes is not deployed.")
final class PinCommand implements Callable<Integer> {
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

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "VERSION",
            description = "Let this one answer, and hold it; without it, the live one is held.")
    private Optional<Integer> version;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Topics topics = connection.topics();
            connection.require(topics.models(), topics.deployments(), topics.deploymentStatus());
            Deployments before = DeploymentLog.read(connection);
            int wanted = version.or(before::live)
                    .orElseThrow(() -> new CommandException(
                            "no version is live that could be pinned: name one, as 'sluice models' lists them"));
            version.ifPresent(named -> Deploying.refuseUnknown(named, Versions.read(connection)));
            Deployment.Builder event =
                    Deployment.newBuilder().setAction(DeploymentAction.PIN).setVersion(wanted);
            if (before.live().equals(Optional.of(wanted))) {
                return pinLive(connection, event.setExpected(wanted));
            }
            DeploymentStatus status = deploying.writeAndWait(connection, event, timeout);
            Deploying.report(output, status, "is live, and pinned");
            return status.getState() == DeploymentState.SERVING ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private int pinLive(Connection connection, Deployment.Builder event) {
        Change change = deploying.write(connection, event);
        if (output.json()) {
            output.line(HistoryCommand.json(change));
        } else {
            int pinned = change.to().orElseThrow();
            output.line("version " + pinned + " is pinned, until 'sluice unpin'");
            LiveVersions.read(connection)
                    .version()
                    .filter(answering -> answering != pinned)
                    .ifPresent(answering -> output.note("version " + answering + " answers as long as version " + pinned
                            + " cannot ('sluice status' says why); to hold version " + answering + ", name it"));
        }
        return ExitCode.OK;
    }
}
