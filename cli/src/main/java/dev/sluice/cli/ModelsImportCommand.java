package dev.sluice.cli;

import dev.sluice.models.InvalidPresetException;
import dev.sluice.models.ModelFile;
import dev.sluice.models.PresetFolder;
import dev.sluice.models.WholeFile;
import dev.sluice.runtime.ServiceConfig;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.ModelImport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Publishes a version that was made elsewhere. Its number and seal are given by the publisher of the trainer, which alone can
 * do so without meeting a trainer that publishes at that moment.
 */
@Command(
        name = "import",
        description =
                "Publish the version in a preset folder or a file, of TextClassifier, another program or another Sluice.")
final class ModelsImportCommand implements Callable<Integer> {
    private static final String MAX_MESSAGE_BYTES = "max.message.bytes";

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Mixin
    private Deploying deploying;

    @Parameters(
            index = "0",
            paramLabel = "PATH",
            description = "The folder or file, as 'sluice models export' writes it.")
    private Path file;

    @Option(names = "--deploy", description = "Let it answer from now on.")
    private boolean deploy;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "How long to wait for the broker; and with --deploy, then for the classifier's word (30s).")
    private Duration timeout;

    @Override
    public Integer call() throws InterruptedException {
        ModelVersion model = model();
        try (Connection connection = Connection.open(connectionOptions)) {
            Topics topics = connection.topics();
            connection.require(topics.models(), topics.deployments());
            if (deploy) { // before anything is done, not after half of it
                connection.require(topics.deploymentStatus());
                refuseOtherSpace(connection, model);
            }
            ModelVersion version = publish(connection, model);
            if (!deploy) {
                report(version);
                return ExitCode.OK;
            }
            DeploymentStatus status = deploying.writeAndWait(
                    connection, Deployment.newBuilder().setVersion(version.getVersion()), timeout);
            Deploying.report(output, status, "is published, and live");
            return status.getState() == DeploymentState.SERVING ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }

    private ModelVersion model() {
        try {
            Instant now = Clock.systemUTC().instant();
            return Files.isDirectory(file) ? PresetFolder.read(file, now) : ModelFile.of(WholeFile.read(file), now);
        } catch (InvalidPresetException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    /** It would answer nothing: what comes in is embedded for the version that is live. */
    private static void refuseOtherSpace(Connection connection, ModelVersion model) {
        Versions versions = Versions.read(connection);
        DeploymentLog.read(connection)
                .live()
                .flatMap(versions::of)
                .filter(live -> !EmbeddingSpaces.same(live.getSpace(), model.getSpace()))
                .ifPresent(live -> {
                    throw new CommandException("nothing is published: version " + live.getVersion()
                            + ", which is live, reads vectors of " + EmbeddingSpaces.idOf(live.getSpace())
                            + ", this one of " + EmbeddingSpaces.idOf(model.getSpace())
                            + ", and posts embedded for the one get no answer from the other: import it without --deploy,"
                            + " let the embedder make its vectors (embedding.model), then 'sluice deploy'");
                });
    }

    private ModelVersion publish(Connection connection, ModelVersion model) throws InterruptedException {
        Map<String, String> settings = settings(connection);
        ExecutorService publishing = Executors.newSingleThreadExecutor(ModelsImportCommand::daemon);
        try {
            return publishing
                    .submit(() -> ModelImport.publish(settings, model))
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new CommandException(
                    "the broker did not take the version within " + Durations.text(timeout)
                            + ": 'sluice models' shows whether it did so afterwards; else try again, with a longer --timeout",
                    e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InvalidModelException invalid) {
                throw new CommandException("nothing is published: " + invalid.getMessage(), invalid);
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            publishing.shutdownNow(); // a publication that still waits for the broker is given up
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "models-import");
        thread.setDaemon(true);
        return thread;
    }

    /** What a trainer of this classifier would be told; how large a model may be is what its topic says. */
    private Map<String, String> settings(Connection connection) {
        Topics topics = connection.topics();
        String models = topics.models().name();
        Map<String, String> settings = new HashMap<>(connectionOptions.commandConfig());
        settings.keySet().removeIf(name -> !LocalPlatform.passesThrough(name)); // the rest is for other clients
        settings.put(ServiceConfig.BOOTSTRAP_SERVERS, connectionOptions.servers());
        settings.put(ServiceConfig.TOPIC_PREFIX, topics.prefix());
        settings.put(ServiceConfig.CLASSIFIER, topics.classifier());
        settings.put(
                ServiceConfig.MODEL_MAX_BYTES,
                FoundTopic.of(connection, Set.of(models)).get(models).configs().get(MAX_MESSAGE_BYTES));
        settings.putAll(deploying.keys(connection).asSettings());
        return settings;
    }

    private void report(ModelVersion version) {
        if (output.json()) {
            output.line(OutputOptions.object()
                    .put("classifier", version.getClassifier())
                    .put("version", version.getVersion())
                    .put("sha256", version.getSha256()));
        } else {
            output.line("version " + version.getVersion() + " is published: 'sluice deploy " + version.getVersion()
                    + "' lets it answer");
        }
    }
}
