package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.LabelProbability;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Facts on their way through the topic that brings those of one post together. A header says which kind a record is; its
 * value is the record that the fact was read from, less what the join does not need. Other headers stay behind.
 */
final class Facts {
    /** Longer labels than that, in characters, are no names of classes, and are remembered many times over. */
    static final int MOST_LABEL_CHARACTERS = 1000;

    private static final String KIND = "sluice.fact";
    private static final String POST = "post";
    private static final String ANSWER = "answer";
    private static final String LABEL = "label";

    private final RecordCodec<EmbeddedPost> posts;
    private final RecordCodec<Prediction> predictions;
    private final RecordCodec<Label> labels;

    Facts(Topics topics) {
        posts = topics.embeddedPosts().codec();
        predictions = topics.predictions().codec();
        labels = topics.labels().codec();
    }

    Record<byte[], byte[]> of(PostVector post, long now) {
        return new Record<>(post.key(), posts.encode(post.post()), now, kind(POST));
    }

    /** Nothing of a replay, which no label is waited for, nor of an arm that only a newer Sluice knows. */
    Optional<Record<byte[], byte[]>> of(Prediction prediction, long now) {
        if (prediction.getReplay().isPresent() || prediction.getArm() == Arm.UNKNOWN) {
            return Optional.empty();
        }
        List<LabelProbability> said = said(prediction).filter(each -> isShort(each.getLabel())).stream()
                .toList();
        Prediction needed = Prediction.newBuilder()
                .setPostId("")
                .setSource(prediction.getSource())
                .setStatus(prediction.getStatus())
                .setProbabilities(said)
                .setValue(scored(prediction) ? prediction.getValue().orElse(null) : null)
                .setModelVersion(prediction.getModelVersion().orElse(null))
                .setArm(prediction.getArm())
                .setPostLabel(prediction.getPostLabel().filter(Facts::isShort).orElse(null))
                .setPostTarget(prediction.getPostTarget().orElse(null))
                .setEmbeddedAt(prediction.getEmbeddedAt())
                .setClassifiedAt(prediction.getClassifiedAt())
                .build();
        return Optional.of(new Record<>(bytes(prediction.getPostId()), predictions.encode(needed), now, kind(ANSWER)));
    }

    /**
     * @param truth as said; nothing if it is withdrawn
     * @param saidAt when, if the record tells
     */
    Record<byte[], byte[]> of(String postId, Truth truth, Optional<Instant> saidAt, boolean forget, long now) {
        Headers headers = kind(LABEL);
        if (forget) {
            headers.add(Topics.FORGET_HEADER, new byte[0]);
        }
        Label needed = Label.newBuilder()
                .setLabel(truth.label().orElse(null))
                .setTarget(truth.target().orElse(null))
                .setCreatedAt(saidAt.orElse(null))
                .build();
        return new Record<>(bytes(postId), labels.encode(needed), now, headers);
    }

    /** @throws UnreadableRecordException if a newer Sluice wrote it */
    Fact read(Record<?, byte[]> record) {
        String kind = textOf(record.headers().lastHeader(KIND));
        return switch (kind) {
            case POST -> arrived(posts.decode(record.value()));
            case ANSWER -> new Fact.Answered(answerOf(predictions.decode(record.value())));
            case LABEL ->
                said(labels.decode(record.value()), record.headers().lastHeader(Topics.FORGET_HEADER) != null);
            default -> throw new UnreadableRecordException("a fact of the unknown kind '" + kind + "'");
        };
    }

    /**
     * The answer that a fact tells of; of its probabilities only that of the label said is there, or, if none was, the
     * largest.
     *
     * @return empty if the fact is another one
     * @throws UnreadableRecordException if a newer Sluice wrote it
     */
    Optional<Prediction> answer(Record<?, byte[]> record) {
        return textOf(record.headers().lastHeader(KIND)).equals(ANSWER)
                ? Optional.of(predictions.decode(record.value()))
                : Optional.empty();
    }

    private static Fact arrived(EmbeddedPost post) {
        return new Fact.Arrived(
                post.getSource(),
                new Truth(post.getPost().getLabel(), post.getPost().getTarget()));
    }

    private static Fact said(Label label, boolean forget) {
        Truth truth = new Truth(label.getLabel(), label.getTarget());
        return truth.isKnown() ? new Fact.Labelled(truth, label.getCreatedAt()) : new Fact.Withdrawn(forget);
    }

    static boolean isShort(String label) {
        return label.length() <= MOST_LABEL_CHARACTERS;
    }

    private static boolean scored(Prediction prediction) {
        return prediction.getStatus() == PredictionStatus.CLASSIFIED
                || prediction.getStatus() == PredictionStatus.ABSTAINED;
    }

    /** By the threshold of a version of two labels, the label said need not be the most likely one. */
    private static Optional<LabelProbability> said(Prediction prediction) {
        return prediction
                .getLabel()
                .flatMap(label -> prediction.getProbabilities().stream()
                        .filter(each -> each.getLabel().equals(label))
                        .findFirst())
                .or(() -> prediction.getProbabilities().stream().findFirst())
                .filter(each -> scored(prediction));
    }

    private static GivenAnswer answerOf(Prediction prediction) {
        Optional<LabelProbability> said = prediction.getProbabilities().stream().findFirst();
        return new GivenAnswer(
                prediction.getSource(),
                prediction.getArm(),
                prediction.getModelVersion(),
                prediction.getStatus() == PredictionStatus.ABSTAINED,
                said.map(LabelProbability::getLabel),
                said.map(LabelProbability::getProbability).orElse(0f),
                prediction.getValue().filter(Double::isFinite),
                new Truth(prediction.getPostLabel(), prediction.getPostTarget()),
                Optional.empty(),
                Optional.empty(),
                prediction.getClassifiedAt());
    }

    private static Headers kind(String kind) {
        return new RecordHeaders().add(KIND, bytes(kind));
    }

    private static String textOf(Header header) {
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
