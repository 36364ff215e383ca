package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.Label;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.RecordMetadata;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says, apart from the post, which label it has or which number it stands for, or that it has none. A word without a label is kept with who said it. */
@Command(
        name = "label",
        description = "Say which label a post has, or which number it stands for, or that it has none.")
final class LabelCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "0", paramLabel = "ID", description = "The post's id.")
    private String id;

    @Parameters(index = "1", arity = "0..1", paramLabel = "LABEL", description = "Its label.")
    private Optional<String> label = Optional.empty();

    @Option(names = "--target", paramLabel = "NUMBER", description = "The number that it stands for.")
    private Optional<Double> target = Optional.empty();

    @Option(names = "--withdraw", description = "It has none any more, whatever it came with.")
    private boolean withdraw;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if ((label.isPresent() || target.isPresent()) == withdraw) {
            throw new ParameterException(spec.commandLine(), "say either the label (or --target) or --withdraw");
        }
        if (target.filter(number -> !Double.isFinite(number)).isPresent()) {
            throw new ParameterException(spec.commandLine(), "--target is a finite number, not " + target.get());
        }
        try (Connection connection = Connection.open(connectionOptions)) {
            var labels = connection.topics().labels();
            connection.require(labels);
            RecordMetadata sent = connection.send(
                    labels,
                    id,
                    Label.newBuilder()
                            .setPostId(id)
                            .setLabel(label.orElse(null))
                            .setTarget(target.orElse(null))
                            .setBy(Operator.name())
                            .setCreatedAt(Clock.systemUTC().instant())
                            .build());
            if (output.json()) {
                ObjectNode json = OutputOptions.object().put("id", id);
                label.ifPresent(given -> json.put("label", given));
                target.ifPresent(given -> json.put("target", given));
                output.line(json.put("withdrawn", withdraw)
                        .put("topic", sent.topic())
                        .put("partition", sent.partition())
                        .put("offset", sent.offset()));
            } else {
                output.line("post " + id + said());
            }
            return ExitCode.OK;
        }
    }

    private String said() {
        if (withdraw) {
            return " has no label any more";
        }
        return label.map(given -> " is labelled " + given).orElse("")
                + (label.isPresent() && target.isPresent() ? " and" : "")
                + target.map(given -> " stands for " + Numbers.text(given)).orElse("");
    }
}
