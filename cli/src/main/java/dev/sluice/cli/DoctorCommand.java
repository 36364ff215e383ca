package dev.sluice.cli;

import dev.sluice.embedder.EmbedderCheck;
import dev.sluice.runtime.ServiceConfig;
import dev.sluice.runtime.Settings;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What would hold the services up, before they are started: line by line, ok or the cure. What the model answers only the
 * embedder can tell, by the settings that it would run with; so this command asks its check, rather than know providers too.
 */
@Command(
        name = "doctor",
        description = "Look whether broker, topics and the embedding model are as the services need them.")
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The embedder's properties; SLUICE_ variables go before them, as for the embedder itself.")
    private Optional<Path> config = Optional.empty();

    private boolean healthy = true;

    @Override
    public Integer call() {
        Map<String, String> settings = settings();
        brokerAndTopics(settings);
        EmbedderCheck.run(settings).forEach(line -> say(new Finding(line.what(), line.ok(), line.detail())));
        return healthy ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private void brokerAndTopics(Map<String, String> settings) {
        Topics topics = topics(settings);
        try (Connection connection = Connection.open(connectionOptions.clientSettings(settings), topics)) {
            int nodes = connection.admin().describeCluster().nodes().get().size();
            say(Finding.ok(
                    "broker",
                    settings.get(ServiceConfig.BOOTSTRAP_SERVERS) + " answers: " + nodes
                            + (nodes == 1 ? " node" : " nodes")));
            topicFindings(connection, settings).forEach(this::say);
        } catch (CommandException e) {
            say(Finding.cure("broker", e.getMessage()));
        } catch (ExecutionException e) {
            say(Finding.cure("broker", Failures.lineOf(e.getCause())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private static List<Finding> topicFindings(Connection connection, Map<String, String> settings) {
        Set<String> existing = new TreeSet<>();
        connection.topics().allWithDeadLetters().stream().map(Topic::name).forEach(existing::add);
        existing.retainAll(connection.topicNames());
        return new TopicCheck(connection.topics(), partitions(settings), FoundTopic.of(connection, existing))
                .findings();
    }

    /** The embedder's, but what options say goes before. */
    private Map<String, String> settings() {
        return connectionOptions.over(
                LocalPlatform.ofEmbedder(config.map(Settings::ofFile).orElseGet(HashMap::new), System.getenv()));
    }

    private static Topics topics(Map<String, String> settings) {
        try {
            return new Topics(
                    settings.getOrDefault(ServiceConfig.TOPIC_PREFIX, ""),
                    settings.getOrDefault(ServiceConfig.CLASSIFIER, Topics.DEFAULT_CLASSIFIER),
                    partitions(settings).orElse(Topics.DEFAULT_PARTITIONS),
                    number(settings, ServiceConfig.MODEL_MAX_BYTES).orElse(Topics.DEFAULT_MAX_MODEL_BYTES));
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    private static OptionalInt partitions(Map<String, String> settings) {
        return number(settings, ServiceConfig.TOPIC_PARTITIONS);
    }

    private static OptionalInt number(Map<String, String> settings, String name) {
        try {
            return Stream.ofNullable(settings.get(name))
                    .mapToInt(Integer::parseInt)
                    .findAny();
        } catch (NumberFormatException e) {
            throw new CommandException(name + " must be a number", e);
        }
    }

    private void say(Finding finding) {
        healthy &= finding.ok();
        if (output.json()) {
            output.line(OutputOptions.object()
                    .put("check", finding.about())
                    .put("ok", finding.ok())
                    .put("detail", finding.detail()));
        } else {
            output.line(
                    String.format("%-4s  %-17s  %s", finding.ok() ? "ok" : "cure", finding.about(), finding.detail()));
        }
        output.out().flush();
    }
}
