package dev.sluice.cli;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deploys a version: writes the event, then waits for an instance of the classifier to say what it made of it. */
@Command(name = "deploy", description = "Let a version answer from now on, or a share of the posts, or look on.")
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

    @ArgGroup
    private Part part = new Part();

    @Parameters(index = "0", paramLabel = "VERSION", description = "As 'sluice models' lists it.")
    private int version;

    /** What the version is to do if it is not to be the live one. */
    private static final class Part {
        @Option(
                names = "--shadow",
                description = "Only look on: it answers every post too, into the topic shadow-predictions.")
        private boolean shadow;

        @Option(
                names = "--canary",
                paramLabel = "SHARE",
                converter = Share.Converter.class,
                description = "Answer this share of the posts, such as 10%%, always the same ones.")
        private Optional<Share> canary = Optional.empty();
    }

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Topics topics = connection.topics();
            connection.require(topics.models(), topics.deployments(), topics.deploymentStatus());
            Deploying.refuseUnknown(version, Versions.read(connection));
            if (part.shadow) {
                return beside(connection, DeploymentAction.SHADOW, 0, "looks on, into " + shadowTopic(connection));
            }
            if (part.canary.isPresent()) {
                double share = part.canary.get().value();
                return beside(
                        connection, DeploymentAction.CANARY, share, "answers " + Share.text(share) + " of the posts");
            }
            return live(connection);
        }
    }

    private static String shadowTopic(Connection connection) {
        return connection.topics().shadowPredictions().name();
    }

    private int live(Connection connection) {
        LiveVersions before = LiveVersions.read(connection);
        boolean already = before.serves(version);
        DeploymentStatus status = already
                ? before.newest().orElseThrow()
                : deploying.writeAndWait(connection, Deployment.newBuilder().setVersion(version), timeout);
        boolean pinned = DeploymentLog.read(connection).pinned();
        Deploying.report(output, status, (already ? "is live already" : "is live") + (pinned ? ", and pinned" : ""));
        return exitCode(status);
    }

    private int beside(Connection connection, DeploymentAction action, double share, String done) {
        DeploymentStatus status = deploying.writeAndWait(
                connection,
                Deployment.newBuilder().setAction(action).setVersion(version).setShare(share),
                timeout);
        Deploying.report(output, status, done + ", until 'sluice undeploy'");
        if (!status.getReason().isEmpty() && status.getState() == DeploymentState.SERVING && !output.json()) {
            output.note(status.getReason());
        }
        return exitCode(status);
    }

    private static int exitCode(DeploymentStatus status) {
        return status.getState() == DeploymentState.SERVING ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
