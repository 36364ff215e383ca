package dev.sluice.cli;

import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Counts the answers to test posts that were sent through {@code embedded-posts} a second time. All of them were classified
 * once before, and others are classified meanwhile, so three things tell an answer that counts: the header that marks the
 * replay and travels on to the prediction, the deployed version, and the post's source, of which each is counted once.
 */
final class ReplayScore {
    /** Marks the records of a replay; the value names which. */
    private static final String HEADER = "sluice.demo.replay";

    private final String replay;
    private final int version;
    private final List<String> labels;
    private final int expected;
    private final Map<Source, Prediction> answers = new LinkedHashMap<>();

    /**
     * @param replay the header's value
     * @param version that is to answer
     * @param labels of that version
     * @param expected how many posts were sent
     */
    ReplayScore(String replay, int version, List<String> labels, int expected) {
        this.replay = replay;
        this.version = version;
        this.labels = List.copyOf(labels);
        this.expected = expected;
    }

    /** The header of the records of a replay. */
    static Header mark(String replay) {
        return new RecordHeader(HEADER, replay.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws CommandException if a replayed post was answered twice, or not by the deployed version */
    void add(Headers headers, Prediction prediction) {
        if (!mark(replay).equals(headers.lastHeader(HEADER))) {
            return;
        }
        if (prediction.getStatus() != PredictionStatus.CLASSIFIED
                || !prediction.getModelVersion().equals(Optional.of(version))) {
            throw new CommandException("the post " + prediction.getPostId() + " was answered with status "
                    + prediction.getStatus() + " by version "
                    + prediction.getModelVersion().map(String::valueOf).orElse("none") + ", not by version " + version
                    + ", which is deployed: please report this");
        }
        if (answers.put(prediction.getSource(), prediction) != null) {
            throw new CommandException(
                    "the post " + prediction.getPostId() + " was answered twice: please report this");
        }
    }

    int counted() {
        return answers.size();
    }

    boolean complete() {
        return answers.size() >= expected;
    }

    /** The answers counted, in the order of arrival. */
    List<Prediction> answers() {
        return List.copyOf(answers.values());
    }

    /** Empty for a version that has no labels. */
    ConfusionMatrix matrix() {
        if (labels.isEmpty()) {
            return new ConfusionMatrix(List.of(), List.of());
        }
        Map<String, Map<String, Long>> counts = answers.values().stream()
                .collect(Collectors.groupingBy(
                        answer -> answer.getPostLabel().orElseThrow(),
                        Collectors.groupingBy(answer -> answer.getLabel().orElseThrow(), Collectors.counting())));
        List<List<Long>> rows = new ArrayList<>();
        for (String truth : labels) {
            Map<String, Long> row = counts.getOrDefault(truth, Map.of());
            rows.add(IntStream.range(0, labels.size())
                    .mapToObj(i -> row.getOrDefault(labels.get(i), 0L))
                    .toList());
        }
        return new ConfusionMatrix(labels, rows);
    }

    /** Share answered right of all that were counted: a post whose label the model does not know is a wrong answer too. */
    double accuracy() {
        return (double) right() / answers.size();
    }

    long right() {
        return answers.values().stream()
                .filter(answer -> answer.getLabel().equals(answer.getPostLabel()))
                .count();
    }
}
