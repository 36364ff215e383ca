package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.RecordMetadata;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Sends one post and waits for what the stream says of it: the same way that every other post goes. */
@Command(name = "classify", description = "Send one post and print its prediction.")
final class ClassifyCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(arity = "1..*", paramLabel = "TEXT", description = "The text; - reads it from stdin.")
    private List<String> words;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "How long to wait for the prediction (30s).")
    private Duration timeout;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            Prediction prediction = classify(connection, text(), timeout);
            if (output.json()) {
                output.line(new String(
                        connection.topics().predictions().codec().encodeJson(prediction), StandardCharsets.UTF_8));
                return prediction.getStatus() == PredictionStatus.CLASSIFIED ? ExitCode.OK : ExitCode.SOFTWARE;
            }
            if (prediction.getStatus() != PredictionStatus.CLASSIFIED) {
                throw new CommandException(PredictionText.whyNot(prediction));
            }
            PredictionText.byClass(prediction).forEach(output::line);
            return ExitCode.OK;
        }
    }

    /** @throws CommandException if the post is rejected, or no prediction comes in time */
    static Prediction classify(Connection connection, String text, Duration timeout) {
        Topics topics = connection.topics();
        Post post = Post.newBuilder()
                .setId(UUID.randomUUID().toString())
                .setText(text)
                .build();
        connection.require(topics.posts(), topics.predictions());
        try (var predictions = connection.readFromEnd(topics.predictions());
                var rejections = new Rejections<>(connection, topics.posts())) {
            RecordMetadata sent = connection.send(topics.posts(), post.getId().orElseThrow(), post);
            Deadline deadline = Deadline.in(timeout);
            while (!deadline.passed()) {
                Optional<Prediction> answer = predictions.poll().stream()
                        .flatMap(read -> read.value().stream())
                        .filter(prediction -> isOf(prediction.getSource(), sent))
                        .findFirst();
                if (answer.isPresent()) {
                    return answer.get();
                }
                rejections.reasonFor(sent).ifPresent(reason -> {
                    throw new CommandException("the post was rejected: " + reason);
                });
            }
        }
        throw new CommandException(
                "no prediction came within " + Durations.text(timeout)
                        + ": are the services running ('sluice status')? The post stays on its topic; wait longer with --timeout");
    }

    private static boolean isOf(Source source, RecordMetadata sent) {
        return source.getTopic().equals(sent.topic())
                && source.getPartition() == sent.partition()
                && source.getOffset() == sent.offset();
    }

    private String text() {
        String text = String.join(" ", words);
        if (!text.equals("-")) {
            return text;
        }
        try {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
