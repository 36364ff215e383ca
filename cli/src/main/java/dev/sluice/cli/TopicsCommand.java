package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Lists the topics of this Sluice: the contract, and what lies there. */
@Command(name = "topics", description = "List the topics and what lies there.")
final class TopicsCommand implements Callable<Integer> {
    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            connection.require(connection.topics().posts());
            List<TopicExtent> extents = TopicExtent.of(
                    connection,
                    Stream.concat(
                                    connection.topics().all().stream()
                                            .flatMap(topic -> TopicExtent.namesOf(topic).stream()),
                                    Stream.of(connection.topics().settledLetters()))
                            .toList());
            if (output.json()) {
                extents.forEach(extent -> output.line(json(extent)));
            } else {
                TextTable table = new TextTable("topic", "partitions", "offsets", "cleanup");
                extents.forEach(extent ->
                        table.row(extent.topic(), extent.partitions().size(), extent.offsets(), extent.cleanup()));
                table.lines().forEach(output::line);
            }
            return ExitCode.OK;
        }
    }

    private static ObjectNode json(TopicExtent extent) {
        return OutputOptions.object()
                .put("topic", extent.topic())
                .put("partitions", extent.partitions().size())
                .put("offsets", extent.offsets())
                .put("cleanup", extent.cleanup());
    }
}
