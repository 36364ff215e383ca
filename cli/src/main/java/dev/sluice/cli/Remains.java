package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Topics;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.TopicConfig;

/**
 * What a withdrawal does not reach.
 *
 * @param traces what was found
 * @param until when each topic lets go of the last of its records; for ever if empty
 * @param fittedSince versions that may have learned from the post
 * @param withVector versions that hold one of its vectors to check themselves by
 * @param others classifiers with topics of their own
 */
record Remains(
        Traces traces,
        Map<String, Optional<Instant>> until,
        List<Integer> fittedSince,
        List<Integer> withVector,
        List<String> others) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").withZone(ZoneOffset.UTC);

    static Remains of(Connection connection, Traces traces) {
        Map<String, FoundTopic> found =
                FoundTopic.of(connection, traces.expiring().keySet());
        Map<String, Optional<Instant>> until = new TreeMap<>();
        traces.expiring().forEach((topic, records) -> {
            long kept = Long.parseLong(found.get(topic).configs().get(TopicConfig.RETENTION_MS_CONFIG));
            until.put(
                    topic,
                    kept < 0 ? Optional.empty() : Optional.of(records.newest().plusMillis(kept)));
        });
        Versions versions = Versions.read(connection);
        return new Remains(
                traces,
                until,
                numbers(versions, version -> traces.labelledSince()
                        .filter(version.getTraining().getStartedAt()::isAfter)
                        .isPresent()),
                numbers(versions, version -> version.getSelfTest().stream()
                        .anyMatch(test -> traces.isVector(test.getInput()))),
                others(connection));
    }

    private static List<Integer> numbers(Versions versions, Predicate<ModelVersion> wanted) {
        return versions.all().stream()
                .filter(wanted)
                .map(ModelVersion::getVersion)
                .toList();
    }

    /** By the names of their topics. */
    private static List<String> others(Connection connection) {
        Topics topics = connection.topics();
        String unnamed = new Topics(topics.prefix(), Topics.DEFAULT_CLASSIFIER, 1)
                .labeledVectors()
                .name();
        String own = topics.labeledVectors().name();
        return connection.topicNames().stream()
                .filter(name -> !name.equals(own) && !name.endsWith(Topics.deadLetterOf("")))
                .filter(name -> name.equals(unnamed) || name.startsWith(unnamed + "."))
                .map(name -> name.equals(unnamed) ? Topics.DEFAULT_CLASSIFIER : name.substring(unnamed.length() + 1))
                .sorted()
                .toList();
    }

    /** For people. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("withdrawn  "
                + (traces.compacted().isEmpty()
                        ? "nothing was found; whoever learns is told all the same"
                        : counts(traces)));
        traces.expiring()
                .forEach((topic, records) -> lines.add("stays      " + records.records() + " on " + topic
                        + until.get(topic)
                                .map(at -> ", until " + TIME.format(at))
                                .orElse(", for ever")));
        if (!fittedSince.isEmpty()) {
            lines.add("stays      what versions " + joined(fittedSince)
                    + " may have learned from it: 'sluice train' fits one without it");
        }
        if (!withVector.isEmpty()) {
            lines.add("stays      its vector in versions " + joined(withVector)
                    + ", which check themselves by it, as long as they are kept");
        }
        if (traces.waiting() > 0) {
            lines.add("waiting    " + traces.waiting() + " of its posts to be embedded: run this again afterwards");
        }
        if (!others.isEmpty()) {
            lines.add("elsewhere  other classifiers may know it: --classifier " + String.join(", ", others));
        }
        return lines;
    }

    private static String joined(List<Integer> versions) {
        return versions.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    /** For scripts. */
    ObjectNode json() {
        ObjectNode json = OutputOptions.object().put("id", traces.id());
        ObjectNode withdrawn = json.putObject("withdrawn");
        traces.countsByTopic().forEach(withdrawn::put);
        ArrayNode staying = json.putArray("stays");
        traces.expiring().forEach((topic, records) -> {
            ObjectNode one = OutputOptions.object().put("topic", topic).put("records", records.records());
            until.get(topic).ifPresent(at -> one.put("until", at.toString()));
            staying.add(one);
        });
        ArrayNode fitted = json.putArray("fittedSince");
        fittedSince.forEach(fitted::add);
        ArrayNode vectors = json.putArray("withItsVector");
        withVector.forEach(vectors::add);
        json.put("waiting", traces.waiting());
        ArrayNode elsewhere = json.putArray("otherClassifiers");
        others.forEach(elsewhere::add);
        return json;
    }

    static String counts(Traces traces) {
        return traces.countsByTopic().entrySet().stream()
                .map(each -> each.getValue() + " on " + each.getKey())
                .collect(Collectors.joining(", "));
    }
}
