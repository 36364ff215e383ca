package dev.sluice.cli;

import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Withdraws what is known of a post from the topics that keep it for ever, and says what stays elsewhere and until when. */
@Command(
        name = "forget",
        description = "Withdraw a post's label, text and vectors from the topics that would keep them for ever.")
final class ForgetCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(names = "--yes", description = "Do not ask whether to.")
    private boolean yes;

    @Parameters(index = "0", paramLabel = "ID", description = "The post's id.")
    private String id;

    @Override
    public Integer call() {
        if (!yes && !Terminal.in()) {
            throw new ParameterException(
                    spec.commandLine(), "this cannot be undone, and nobody can be asked: say --yes");
        }
        try (Connection connection = Connection.open(connectionOptions)) {
            Topics topics = connection.topics();
            connection.require(
                    topics.labels(), topics.labeledVectors(), topics.reembeddedVectors(), topics.embeddingCache());
            Traces traces = find(connection);
            Remains remains = Remains.of(connection, traces);
            if (!yes && !confirmed(traces)) {
                output.note("nothing was withdrawn");
                return ExitCode.SOFTWARE;
            }
            Forgetting.withdraw(connection, traces);
            if (output.json()) {
                output.line(remains.json());
            } else {
                remains.lines().forEach(output::line);
            }
            return ExitCode.OK;
        }
    }

    private Traces find(Connection connection) {
        Topics topics = connection.topics();
        Traces traces = new Traces(id, topics);
        Set<String> first =
                names(topics.embeddedPosts(), topics.labeledVectors(), topics.reembeddedVectors(), topics.labels());
        Set<String> second =
                names(topics.posts(), topics.predictions(), topics.shadowPredictions(), topics.embeddingCache());
        Stream.of(
                        topics.posts(),
                        topics.embeddedPosts(),
                        topics.predictions(),
                        topics.shadowPredictions(),
                        topics.labeledVectors(),
                        topics.reembeddedVectors(),
                        topics.labels())
                .map(topic -> Topics.deadLetterOf(topic.name()))
                .forEach(second::add);
        Set<String> existing = connection.topicNames();
        first.retainAll(existing);
        second.retainAll(existing);
        try (TopicScan about = new TopicScan(connection, first);
                TopicScan beside = new TopicScan(connection, second)) {
            long half = about.total();
            ProgressLine progress = ProgressLine.of(spec, "looking", "records", half + beside.total());
            about.read(traces::about, progress::at);
            beside.read(traces::beside, passed -> progress.at(half + passed));
            progress.clear();
        }
        return traces;
    }

    private static Set<String> names(Topic<?>... topics) {
        return Stream.of(topics).map(Topic::name).collect(Collectors.toCollection(TreeSet::new));
    }

    private boolean confirmed(Traces traces) {
        output.note("post " + id + ": "
                + (traces.compacted().isEmpty() ? "nothing found to withdraw" : Remains.counts(traces)));
        spec.commandLine().getErr().print("Withdraw it for good? [y/N] ");
        spec.commandLine().getErr().flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
