package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import java.time.Instant;

/** What becomes of numbered posts where all goes well, made by hand. */
final class ChaosRecords {
    private static final Instant TIME = Instant.parse("2026-11-22T09:00:00Z");

    static final EmbeddingSpace SPACE = EmbeddingSpace.newBuilder()
            .setProvider("external")
            .setModel("by-hand")
            .setDimensions(16)
            .setNormalisation("L2")
            .setMaxTokens(512)
            .setTextRecipe("plain")
            .build();

    private ChaosRecords() {}

    static byte[] post(int number) {
        return ChaosPosts.json(number).getBytes(UTF_8);
    }

    static EmbeddedPost embedded(int number, Source source) {
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder()
                        .setId(ChaosPosts.id(number))
                        .setText(ChaosPosts.text(number))
                        .setLabel(ChaosPosts.label(number).orElse(null))
                        .build())
                .setSource(source)
                .setText(ChaosPosts.text(number))
                .setEmbedding(Vectors.toBytes(ChaosContent.vectorOf(ChaosPosts.text(number), SPACE.getDimensions())))
                .setSpace(SPACE)
                .setEmbeddedAt(TIME)
                .build();
    }

    static Prediction prediction(EmbeddedPost embedded) {
        return Prediction.newBuilder()
                .setPostId(embedded.getPost().getId().orElseThrow())
                .setSource(embedded.getSource())
                .setStatus(PredictionStatus.CLASSIFIED)
                .setLabel(ChaosPosts.LABELS.get(0))
                .setModelVersion(1)
                .setPostLabel(embedded.getPost().getLabel().orElse(null))
                .setTextStart(embedded.getText())
                .setEmbeddedAt(TIME)
                .setClassifiedAt(TIME)
                .build();
    }

    static Source source(Topics topics, int partition, long offset) {
        return new Source(topics.posts().name(), partition, offset);
    }
}
