package dev.sluice.cli;

import dev.sluice.runtime.TrustSettings;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.RecordMetadata;
import picocli.CommandLine.Option;

/** How a person's events get onto the log of deployments, and how it is found out what became of them. */
final class Deploying {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why, for the record.")
    private String reason = "";

    @Option(
            names = "--signing-key",
            paramLabel = "FILE",
            description = "Sign with this private key (see 'sluice keys new'); else with models.signing.key of"
                    + " --command-config, if it is there.")
    private Optional<Path> signingKey = Optional.empty();

    /** @throws CommandException if the version is not published: it would be waited for, perhaps for ever */
    static void refuseUnknown(int version, Versions versions) {
        if (versions.of(version).isEmpty()) {
            String known = versions.all().stream()
                    .map(each -> Integer.toString(each.getVersion()))
                    .collect(Collectors.joining(", "));
            throw new CommandException("there is no version " + version + ": "
                    + (known.isEmpty() ? "none is published yet ('sluice train')" : "published are " + known));
        }
    }

    /**
     * Writes the event; the log alone tells what became of it.
     *
     * @throws CommandException if it lost, as when somebody else was quicker; or if it cannot be signed, but should
     */
    Change write(Connection connection, Deployment.Builder event) {
        Topics topics = connection.topics();
        RecordMetadata sent = connection.send(
                topics.deployments(),
                topics.classifier(),
                trust(connection)
                        .signed(event.setClassifier(topics.classifier())
                                .setBy(Operator.name())
                                .setReason(reason)
                                .setCreatedAt(Clock.systemUTC().instant().truncatedTo(ChronoUnit.MILLIS))
                                .build()));
        Change change = find(connection, sent);
        change.lost().ifPresent(why -> {
            throw new CommandException("nothing has changed: " + why + " ('sluice history' shows by whom)");
        });
        return change;
    }

    /**
     * What this command signs with.
     *
     * @throws CommandException if signatures are asked for, and there is no key
     */
    private Trust trust(Connection connection) {
        Trust trust = keys(connection).trust();
        if (!trust.canSign()) {
            throw new CommandException("nothing is written: " + TrustSettings.TRUSTED_KEYS
                    + " asks for signatures; say what to sign with, by --signing-key");
        }
        return trust;
    }

    ModelKeys keys(Connection connection) {
        return signingKey.map(connection.keys()::signingWith).orElseGet(connection::keys);
    }

    /** Committed records only are read: where a trainer's transaction lies open before the event, its end is waited for. */
    private static Change find(Connection connection, RecordMetadata sent) {
        Deadline deadline = Deadline.in(PATIENCE);
        do {
            Optional<Change> change = DeploymentLog.read(connection).history().stream()
                    .filter(each -> each.offset() == sent.offset())
                    .findFirst();
            if (change.isPresent()) {
                return change.get();
            }
        } while (!deadline.passed());
        throw new CommandException("the event lies on " + sent.topic() + " at offset " + sent.offset()
                + ", but cannot be read yet: 'sluice history' will show what became of it");
    }

    /**
     * Writes the event and waits until an instance of the classifier has taken up or refused the version that it wants.
     *
     * @throws CommandException if the event lost, or no instance answers
     */
    DeploymentStatus writeAndWait(Connection connection, Deployment.Builder event, Duration timeout) {
        try (var statuses = connection.readFromEnd(connection.topics().deploymentStatus())) {
            Change change = write(connection, event);
            Arm arm = armOf(change.event().getAction());
            int version =
                    arm == Arm.LIVE ? change.to().orElseThrow() : change.event().getVersion();
            Deadline deadline = Deadline.in(timeout);
            while (!deadline.passed()) {
                Optional<DeploymentStatus> answer = statuses.poll().stream()
                        .flatMap(read -> read.value().stream())
                        .filter(status -> status.getArm() == arm
                                && status.getVersion() == version
                                && status.getState() != DeploymentState.WAITING)
                        .findFirst();
                if (answer.isPresent()) {
                    return answer.get();
                }
            }
            throw new CommandException("version " + version + " is deployed, but no classifier took it up within "
                    + Durations.text(timeout)
                    + ": is one running ('sluice status')? It will take it up when it starts");
        }
    }

    private static Arm armOf(DeploymentAction action) {
        return switch (action) {
            case SHADOW -> Arm.SHADOW;
            case CANARY -> Arm.CANARY;
            default -> Arm.LIVE;
        };
    }

    /**
     * Prints what an instance made of it.
     *
     * @param done what is said of the version if it serves
     * @throws CommandException if the version was refused and a person reads
     */
    static void report(OutputOptions output, DeploymentStatus status, String done) {
        if (output.json()) {
            output.line(StatusJson.of(status));
        } else if (status.getState() == DeploymentState.SERVING) {
            output.line("version " + status.getVersion() + " " + done);
        } else {
            throw new CommandException("version " + status.getVersion() + " was refused: " + status.getReason()
                    + status.getServingVersion()
                            .filter(serving -> status.getArm() != Arm.SHADOW)
                            .map(serving -> "; version " + serving + " goes on answering")
                            .orElse(""));
        }
    }
}
