package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Changes the embedding model under a running classifier: waits until the labelled texts have vectors in the new space, has a
 * version fitted there, and waits until it serves. All state is on topics, so it may be stopped and run again at any moment.
 */
@Command(
        name = "reembed",
        description = "Go over to another embedding model, once the embedders know it as next.embedding.*.")
final class ReembedCommand implements Callable<Integer> {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--to",
            paramLabel = "SPACE",
            required = true,
            description =
                    "The new embedding space: the name of its model, or the whole id if several are of one model.")
    private String to;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A setting of the trainer for this fit only, as epochs=5. May be repeated.")
    private Map<String, String> overrides = new TreeMap<>();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "24h",
            description = "How long to wait for the labelled texts (24h): the quota may take its time.")
    private Duration timeout;

    @Option(
            names = "--fit-timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            description = "How long to wait for the version, and then for it to serve (10m).")
    private Duration fitTimeout;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions);
                Reembedding reembedding = new Reembedding(connection)) {
            Deadline deadline = Deadline.in(timeout);
            EmbeddingSpace space = awaitSpace(reembedding, deadline);
            long left = awaitTexts(reembedding, space, deadline);
            output.note(Figures.count(reembedding.texts().total() - left, "labelled text") + " of "
                    + Figures.count(reembedding.texts().total()) + " have a vector in " + EmbeddingSpaces.idOf(space));
            overrides.put("embedding.space", EmbeddingSpaces.idOf(space));
            ModelVersion version = new FitRequest(overrides, fitTimeout).send(connection);
            Optional<String> notLive = ModelVersions.heldBack(version);
            if (notLive.isEmpty()) {
                notLive = awaitServing(connection, version.getVersion());
            }
            String verdict = notLive.orElseGet(() -> verdict(connection, version));
            report(version, reembedding.texts().total(), left, verdict, notLive.isEmpty());
            return notLive.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private EmbeddingSpace awaitSpace(Reembedding reembedding, Deadline deadline) {
        boolean told = false;
        while (true) {
            reembedding.follow();
            if (reembedding.texts().total() == 0) {
                throw new CommandException("there are no labelled texts to train from: change embedding.model itself");
            }
            Optional<EmbeddingSpace> space = reembedding.texts().spaceNamed(to).filter(reembedding::isEmbedding);
            if (space.isPresent()) {
                return space.get();
            }
            if (!told) {
                output.note("no embedder embeds in " + to + " yet: give all of them next.embedding.provider and"
                        + " next.embedding.model, and restart them; waiting");
                told = true;
            }
            pause(deadline, "no embedder came that embeds in " + to);
        }
    }

    /** @return how many texts will never have a vector there */
    private long awaitTexts(Reembedding reembedding, EmbeddingSpace space, Deadline deadline) {
        LabelledTexts texts = reembedding.texts();
        ProgressLine line = ProgressLine.of(spec, "reembed", "texts", texts.total());
        boolean through = false;
        while (true) {
            // Twice, and before reading: a group's offsets may be seen a moment before the vectors of the same
            // transaction.
            boolean before = through;
            through = reembedding.isThrough(space);
            reembedding.follow();
            long done = texts.in(space);
            if (done == texts.total() || (before && through)) {
                line.clear();
                return texts.total() - done;
            }
            line.at(done);
            pause(
                    deadline,
                    Figures.count(done) + " of " + Figures.count(texts.total())
                            + " labelled texts have a vector there so far, and what was done stays");
        }
    }

    private void pause(Deadline deadline, String reached) {
        if (deadline.passed()) {
            throw new CommandException(reached + " within " + Durations.text(timeout)
                    + ": see the embedders' logs and 'sluice status'; wait longer with --timeout");
        }
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        if (Thread.interrupted()) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted");
        }
    }

    /** @return why it will not serve, if its deployment has lost, as against a pin */
    private Optional<String> awaitServing(Connection connection, int version) {
        Deadline deadline = Deadline.in(fitTimeout);
        Optional<Change> change = Optional.empty();
        try (var statuses = connection.readFromBeginning(connection.topics().deploymentStatus())) {
            while (!deadline.passed()) {
                for (var read : statuses.poll()) {
                    if (read.value()
                            .filter(status -> isAnswerTo(version, status))
                            .isPresent()) {
                        refuseUnlessServing(read.value().get());
                        return Optional.empty();
                    }
                }
                change = change.or(() -> ownChange(DeploymentLog.read(connection), version));
                Optional<String> lost = change.flatMap(Change::lost);
                if (lost.isPresent()) {
                    return lost;
                }
            }
        }
        throw new CommandException("version " + version + " is deployed, but no classifier took it up within "
                + Durations.text(fitTimeout) + ": is one running ('sluice status')? It will take it up when it starts");
    }

    /** What became of the deployment that the trainer published with the version; empty as long as it cannot be seen. */
    static Optional<Change> ownChange(Deployments deployments, int version) {
        return deployments.history().stream()
                .filter(change -> change.event().getAction() == DeploymentAction.DEPLOY
                        && change.event().getVersion() == version
                        && change.event().getAutomatic())
                .findFirst();
    }

    private static boolean isAnswerTo(int version, DeploymentStatus status) {
        return status.getArm() == Arm.LIVE
                && status.getVersion() == version
                && status.getState() != DeploymentState.WAITING;
    }

    private static void refuseUnlessServing(DeploymentStatus status) {
        if (status.getState() != DeploymentState.SERVING) {
            throw new CommandException("version " + status.getVersion() + " was refused by " + status.getInstance()
                    + ": " + status.getReason());
        }
    }

    /** What the gate said of it. */
    private static String verdict(Connection connection, ModelVersion version) {
        return ownChange(DeploymentLog.read(connection), version.getVersion())
                .map(change -> change.event().getReason())
                .orElse("");
    }

    private void report(ModelVersion version, long total, long left, String verdict, boolean serves) {
        EmbeddingSpace space = version.getSpace();
        if (output.json()) {
            ObjectNode settings = OutputOptions.object();
            settingsOf(space).forEach(settings::put);
            ObjectNode json = OutputOptions.object()
                    .put("space", EmbeddingSpaces.idOf(space))
                    .put("labelledTexts", total)
                    .put("withoutVector", left)
                    .put("version", version.getVersion())
                    .put("serves", serves)
                    .put("verdict", verdict);
            json.set("settings", settings);
            output.line(json);
            return;
        }
        if (left > 0) {
            output.note(Figures.count(left, "labelled text")
                    + " could not be embedded there: see labeled-vectors.dead-letter");
        }
        output.line("version " + version.getVersion() + (serves ? " serves" : " is published, but not deployed") + ": "
                + verdict);
        if (!serves) {
            output.note("nothing else has changed; 'sluice deploy " + version.getVersion()
                    + "' lets it answer all the same");
            return;
        }
        output.line(
                "to make it permanent, set on all embedders, and name the old model as next.* as long as you may go back:");
        settingsOf(space).forEach((name, value) -> output.line("  " + name + "=" + value));
    }

    private static Map<String, String> settingsOf(EmbeddingSpace space) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("embedding.provider", space.getProvider());
        settings.put("embedding.model", space.getModel());
        settings.put("embedding.dimensions", Integer.toString(space.getDimensions()));
        settings.put("embedding.max.tokens", Integer.toString(space.getMaxTokens()));
        if (!space.getTaskType().isEmpty()) {
            settings.put("embedding.task.type", space.getTaskType());
        }
        return settings;
    }
}
