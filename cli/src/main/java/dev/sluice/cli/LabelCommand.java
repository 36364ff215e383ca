package dev.sluice.cli;

import dev.sluice.schemas.Label;
import java.time.Clock;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.RecordMetadata;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Says, apart from the post, which label it has. */
@Command(name = "label", description = "Say which label a post has.")
final class LabelCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(index = "0", paramLabel = "ID", description = "The post's id.")
    private String id;

    @Parameters(index = "1", paramLabel = "LABEL", description = "Its label.")
    private String label;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            var labels = connection.topics().labels();
            connection.require(labels);
            RecordMetadata sent = connection.send(
                    labels,
                    id,
                    Label.newBuilder()
                            .setPostId(id)
                            .setLabel(label)
                            .setBy(Operator.name())
                            .setCreatedAt(Clock.systemUTC().instant())
                            .build());
            if (output.json()) {
                output.line(OutputOptions.object()
                        .put("id", id)
                        .put("label", label)
                        .put("topic", sent.topic())
                        .put("partition", sent.partition())
                        .put("offset", sent.offset()));
            } else {
                output.line("post " + id + " is labelled " + label);
            }
            return ExitCode.OK;
        }
    }
}
