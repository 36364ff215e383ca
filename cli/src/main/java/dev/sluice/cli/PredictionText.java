package dev.sluice.cli;

import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/** A prediction as people read it: the notebook's list of classes, or one line of a stream. */
final class PredictionText {
    static final int TEXT_CHARACTERS = 60;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

    private PredictionText() {}

    /**
     * Each class with its probability, most likely first: {@code sci.space: 99.54%}; one that is the answer without being the most
     * likely, by a threshold, is told. Of a number, that: {@code 3.5120}.
     */
    static List<String> byClass(Prediction prediction) {
        if (prediction.getValue().isPresent()) {
            return List.of(Figures.score(prediction.getValue().get()));
        }
        List<LabelProbability> all = prediction.getProbabilities();
        return IntStream.range(0, all.size())
                .mapToObj(i -> all.get(i).getLabel() + ": " + percent(all.get(i).getProbability())
                        + (i > 0
                                        && prediction
                                                .getLabel()
                                                .equals(Optional.of(all.get(i).getLabel()))
                                ? " (the answer, by the model's threshold)"
                                : ""))
                .toList();
    }

    /** 0.9954 as {@code 99.54%}. */
    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f%%", 100 * share);
    }

    /** Time, answer, version, id and the beginning of the text; the post's own label too where it differs. */
    static String line(Prediction prediction, ZoneId zone) {
        return String.format(
                Locale.ROOT,
                "%s  %-28s  %-4s  %s  %s",
                TIME.format(prediction.getClassifiedAt().atZone(zone)),
                answer(prediction) + correction(prediction),
                prediction.getModelVersion().map(version -> "v" + version).orElse("-"),
                oneLine(prediction.getPostId(), 24),
                oneLine(prediction.getTextStart(), TEXT_CHARACTERS));
    }

    /** Why there is no answer, and what to do; for a prediction that is not CLASSIFIED. */
    static String whyNot(Prediction prediction) {
        return switch (prediction.getStatus()) {
            case NO_MODEL ->
                "no model is deployed yet: one comes some seconds after labelled posts ('sluice produce --data bundled'), or by 'sluice train'";
            case OTHER_EMBEDDING_SPACE ->
                "the deployed model was made for vectors of another embedding model: train again ('sluice train'), or"
                        + " deploy a version that fits ('sluice models')";
            case ABSTAINED ->
                "the model is too unsure to say ('min.confidence'): " + String.join(", ", byClass(prediction));
            default -> "there is no answer: " + prediction.getStatus();
        };
    }

    private static String answer(Prediction prediction) {
        if (prediction.getStatus() != PredictionStatus.CLASSIFIED) {
            return prediction.getStatus().toString();
        }
        if (prediction.getValue().isPresent()) {
            return Figures.score(prediction.getValue().get());
        }
        return prediction.getLabel().orElse("?")
                + prediction.getConfidence().map(share -> " " + percent(share)).orElse("");
    }

    private static String correction(Prediction prediction) {
        if (prediction.getValue().isPresent()) {
            return prediction
                    .getPostTarget()
                    .map(target -> " (is " + Numbers.text(target) + ")")
                    .orElse("");
        }
        return prediction
                .getPostLabel()
                .filter(label -> prediction.getLabel().isPresent()
                        && !label.equals(prediction.getLabel().get()))
                .map(label -> " (is " + label + ")")
                .orElse("");
    }

    /** At most so many characters, line breaks and control characters as blanks. */
    static String oneLine(String text, int characters) {
        String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        if (line.codePointCount(0, line.length()) <= characters) {
            return line;
        }
        return line.substring(0, line.offsetByCodePoints(0, characters - 1)) + "…";
    }
}
