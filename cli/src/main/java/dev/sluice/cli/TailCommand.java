package dev.sluice.cli;

import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints predictions as they come. */
@Command(name = "tail", description = "Print predictions as they come.")
final class TailCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Option(names = "--from-beginning", description = "Also those that are on the topic already.")
    private boolean fromBeginning;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            description = "End when none has come for so long, as 5s. Without it: until Ctrl-C.")
    private Optional<Duration> timeout = Optional.empty();

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Topic<Prediction> topic = connection.topics().predictions();
            try (var reader = fromBeginning ? connection.readFromBeginning(topic) : connection.readFromEnd(topic)) {
                Deadline deadline = deadline();
                while (!deadline.passed() && !output.readerGone()) {
                    List<TopicReader.Read<Prediction>> records = reader.poll();
                    records.forEach(record -> print(topic, record));
                    deadline = records.isEmpty() ? deadline : deadline();
                }
            }
        }
        return ExitCode.OK;
    }

    private Deadline deadline() {
        return Deadline.in(timeout.orElse(Duration.ofDays(3650)));
    }

    private void print(Topic<Prediction> topic, TopicReader.Read<Prediction> record) {
        record.value().ifPresent(prediction -> {
            if (output.json()) {
                output.line(new String(topic.codec().encodeJson(prediction), StandardCharsets.UTF_8));
            } else {
                output.line(PredictionText.line(prediction, ZoneId.systemDefault()));
            }
        });
        record.problem()
                .ifPresent(problem -> output.note("partition " + record.raw().partition() + ", offset "
                        + record.raw().offset() + ": " + problem));
    }
}
