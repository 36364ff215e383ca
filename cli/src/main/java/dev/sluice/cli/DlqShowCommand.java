package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.runtime.DeadLetters;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One dead letter, whole. */
@Command(name = "show", description = "Show one dead letter: its reason, key, headers and value.")
final class DlqShowCommand implements Callable<Integer> {
    private static final Pattern PLACE = Pattern.compile("(?:(\\d{1,9})?@)?(\\d{1,18})");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(100);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "0", paramLabel = "TOPIC", description = "Whose letters, as posts.")
    private String topic;

    @Parameters(index = "1", paramLabel = "PARTITION@OFFSET", description = "Where the letter lies, as 0@17.")
    private String place;

    @Override
    public Integer call() {
        Matcher typed = PLACE.matcher(place);
        if (!typed.matches()) {
            throw new ParameterException(spec.commandLine(), "write PARTITION@OFFSET, as 0@17, not " + place);
        }
        int partition =
                Optional.ofNullable(typed.group(1)).map(Integer::parseInt).orElse(0);
        long offset = Long.parseLong(typed.group(2));
        try (Connection connection = Connection.open(connectionOptions)) {
            String letters = LetterTopics.chosen(connection, Optional.of(topic))
                    .iterator()
                    .next();
            ConsumerRecord<byte[], byte[]> raw = find(connection, new TopicPartition(letters, partition), offset);
            DeadLetter letter = DeadLetter.of(raw);
            boolean settled =
                    SettledLetters.read(connection, connection.topics()).contains(letter);
            LetterValue value = LetterValue.of(connection.topics(), raw);
            if (output.json()) {
                output.line(json(letter, settled, value));
            } else {
                lines(letter, settled, value);
            }
            return ExitCode.OK;
        }
    }

    private static ConsumerRecord<byte[], byte[]> find(Connection connection, TopicPartition partition, long offset) {
        try (Closing closing = new Closing(connection.consumer(Set.of(partition.topic())))) {
            Consumer<byte[], byte[]> consumer = closing.consumer();
            if (!consumer.assignment().contains(partition)) {
                throw new CommandException(partition.topic() + " has no partition " + partition.partition());
            }
            consumer.assign(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            consumer.seek(partition, offset);
            Deadline deadline = Deadline.in(PATIENCE);
            while (offset < end && consumer.position(partition) <= offset && !deadline.passed()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() == offset) {
                        return record;
                    }
                }
            }
            throw new CommandException("there is no letter at " + partition.partition() + "@" + offset + " of "
                    + partition.topic() + ": 'sluice dlq' lists the newest of each reason");
        }
    }

    /** Kafka's consumer waits half a minute when it is closed, unless told otherwise. */
    private record Closing(Consumer<byte[], byte[]> consumer) implements AutoCloseable {
        @Override
        public void close() {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        }
    }

    private void lines(DeadLetter letter, boolean settled, LetterValue value) {
        output.line("reason     " + OneLine.of(letter.reason(), 2000));
        letter.exception().ifPresent(name -> output.line("exception  " + OneLine.of(name, 200)));
        output.line("was        " + OneLine.of(letter.sourcePlace(), 300));
        output.line("since      " + letter.at()
                + letter.service().map(name -> ", by " + OneLine.of(name, 50)).orElse(""));
        output.line("sent again " + (settled ? "yes" : "no")
                + (letter.redrives() == 0 ? "" : ", and " + letter.redrives() + " times before it came back"));
        letter.cut().ifPresent(cut -> output.line("cut        " + OneLine.of(cut, 300)));
        output.line("key        "
                + (letter.raw().key() == null
                        ? "none"
                        : OneLine.of(LetterValue.text(letter.raw().key()), 1000)));
        for (Header header : letter.raw().headers()) {
            if (!header.key().startsWith(DeadLetters.PREFIX)) {
                output.line("header     " + OneLine.of(header.key(), 200) + ": "
                        + OneLine.of(LetterValue.text(header.value()), 1000));
            }
        }
        output.line("value      " + value.kind() + ", " + Figures.count(value.bytes()) + " bytes");
        value.lines().forEach(output::line);
    }

    private static ObjectNode json(DeadLetter letter, boolean settled, LetterValue value) {
        ObjectNode json = OutputOptions.object()
                .put("topic", letter.raw().topic())
                .put("at", letter.place())
                .put("reason", letter.reason())
                .put("time", letter.at().toString())
                .put("sentAgain", settled)
                .put("redrives", letter.redrives());
        letter.exception().ifPresent(name -> json.put("exception", name));
        letter.service().ifPresent(name -> json.put("service", name));
        letter.cut().ifPresent(cut -> json.put("cut", cut));
        letter.source()
                .ifPresent(from -> json.put("sourceTopic", from.topic()).put("sourcePartition", from.partition()));
        letter.offset().ifPresent(offset -> json.put("sourceOffset", offset));
        if (letter.raw().key() != null) {
            json.put("key", new String(letter.raw().key(), StandardCharsets.UTF_8));
        }
        ArrayNode headers = json.putArray("headers");
        letter.raw()
                .headers()
                .forEach(header -> headers.add(OutputOptions.object()
                        .put("name", header.key())
                        .put("value", LetterValue.text(header.value()))));
        json.put("valueKind", value.kind()).put("valueBytes", value.bytes());
        if (letter.raw().value() != null) {
            json.put("value", String.join("\n", value.lines()));
            json.put(
                    "valueBase64",
                    Base64.getEncoder().encodeToString(letter.raw().value()));
        }
        return json;
    }
}
