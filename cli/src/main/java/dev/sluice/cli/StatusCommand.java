package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** How the whole is doing: what is live, who lies behind, how much flows, what was rejected. */
@Command(name = "status", description = "Show what is live, who lies behind, how much flows, what was rejected.")
final class StatusCommand implements Callable<Integer> {
    private static final Duration WINDOW = Duration.ofSeconds(1);

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() {
        try (Connection connection = Connection.open(connectionOptions)) {
            connection.require(connection.topics().posts());
            Status status = Status.of(connection);
            if (output.json()) {
                output.line(json(status));
            } else {
                lines(status).forEach(output::line);
            }
            return ExitCode.OK;
        }
    }

    /**
     * @param evaluations of the versions that have a part now
     * @param perSecond records that came on each topic within a second
     * @param deadLetters of topics that have any
     */
    private record Status(
            Topics topics,
            LiveVersions live,
            Deployments deployments,
            List<LiveEvaluation> evaluations,
            Optional<Integer> newestVersion,
            List<GroupLag> lags,
            Map<String, Long> perSecond,
            List<DeadLetterCount> deadLetters) {

        static Status of(Connection connection) {
            Topics topics = connection.topics();
            Map<String, TopicExtent> extents = TopicExtent.of(
                            connection,
                            topics.all().stream()
                                    .flatMap(topic -> TopicExtent.namesOf(topic).stream())
                                    .toList())
                    .stream()
                    .collect(Collectors.toMap(TopicExtent::topic, Function.identity()));
            Deployments deployments = DeploymentLog.read(connection);
            return new Status(
                    topics,
                    LiveVersions.read(connection),
                    deployments,
                    LiveAccuracies.read(connection).now(deployments),
                    Versions.read(connection).newest().map(ModelVersion::getVersion),
                    GroupLag.of(connection, extents.values()),
                    connection.countNew(
                            List.of(
                                    topics.posts().name(),
                                    topics.embeddedPosts().name(),
                                    topics.predictions().name()),
                            WINDOW),
                    deadLetters(connection, extents));
        }

        private static List<DeadLetterCount> deadLetters(Connection connection, Map<String, TopicExtent> extents) {
            List<DeadLetterCount> counts = new ArrayList<>();
            for (Topic<?> topic : connection.topics().all()) {
                TopicExtent extent = extents.get(Topics.deadLetterOf(topic.name()));
                if (extent != null && extent.offsets() > 0) {
                    counts.add(DeadLetterCount.of(connection, topic, extent));
                }
            }
            return counts;
        }
    }

    private static Optional<Integer> pinned(Status status) {
        return status.deployments().live().filter(version -> status.deployments()
                .pinned());
    }

    private static List<String> lines(Status status) {
        List<String> lines = new ArrayList<>();
        lines.add("live       "
                + status.live().version().map(version -> "version " + version).orElse("no version")
                + pinned(status).map(version -> ", pinned is " + version).orElse("")
                + status.newestVersion().map(newest -> ", newest is " + newest).orElse(", none is published"));
        for (DeploymentStatus each : status.live().all()) {
            lines.add("           " + each.getInstance() + ": " + each.getState()
                    + (each.getArm() == Arm.LIVE ? "" : " " + each.getArm()) + " version " + each.getVersion()
                    + (each.getReason().isEmpty() ? "" : ", " + each.getReason()));
        }
        for (LiveEvaluation each : status.evaluations()) {
            lines.add("right      " + LiveAccuracies.line(each));
        }
        for (GroupLag lag : status.lags()) {
            lines.add("behind     " + lag.lag() + " on " + lag.topic() + ": " + lag.group()
                    + (lag.running() ? "" : " (not running)"));
        }
        lines.add("per second "
                + status.perSecond().entrySet().stream()
                        .map(rate -> String.format(Locale.ROOT, "%d %s", rate.getValue(), rate.getKey()))
                        .collect(Collectors.joining(", ")));
        if (status.deadLetters().isEmpty()) {
            lines.add("rejected   none");
        }
        for (DeadLetterCount dead : status.deadLetters()) {
            lines.add("rejected   " + dead.records() + " on " + dead.topic()
                    + dead.lastReason().map(reason -> "; the last: " + reason).orElse(""));
        }
        return lines;
    }

    private static ObjectNode json(Status status) {
        ObjectNode json = OutputOptions.object()
                .put("prefix", status.topics().prefix())
                .put("classifier", status.topics().classifier());
        status.live().version().ifPresent(version -> json.put("liveVersion", version));
        pinned(status).ifPresent(version -> json.put("pinnedVersion", version));
        status.newestVersion().ifPresent(version -> json.put("newestVersion", version));
        var instances = json.putArray("instances");
        status.live().all().forEach(each -> instances.add(StatusJson.of(each)));
        var evaluations = json.putArray("liveEvaluations");
        status.evaluations()
                .forEach(each -> evaluations.add(LiveAccuracies.json(each).put("version", each.getVersion())));
        var lags = json.putArray("lag");
        status.lags()
                .forEach(each -> lags.add(OutputOptions.object()
                        .put("group", each.group())
                        .put("topic", each.topic())
                        .put("running", each.running())
                        .put("lag", each.lag())));
        var rates = json.putObject("perSecond");
        status.perSecond().forEach(rates::put);
        var dead = json.putArray("deadLetters");
        status.deadLetters().forEach(each -> {
            ObjectNode one = OutputOptions.object().put("topic", each.topic()).put("records", each.records());
            each.lastReason().ifPresent(reason -> one.put("lastReason", reason));
            dead.add(one);
        });
        return json;
    }
}
