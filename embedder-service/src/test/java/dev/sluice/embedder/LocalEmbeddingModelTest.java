package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.langchain4j.model.embedding.onnx.AbstractInProcessEmbeddingModel;
import dev.langchain4j.model.embedding.onnx.OnnxBertBiEncoder;
import dev.langchain4j.model.embedding.onnx.PoolingMode;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LocalEmbeddingModelTest {
    private static final String ORBIT = "The shuttle circles the Earth in ninety minutes.";

    private static LocalEmbeddingModel model;

    @BeforeAll
    static void open() {
        model = LocalEmbeddingModel.open(LocalModel.BGE_SMALL, 2, 512, "as-is");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    private static float[] vectorOf(String text) throws InterruptedException {
        return model.embed(List.of(text)).get(0);
    }

    @Test
    void shouldGiveVectorsOfUnitLengthWhenTheTextIsOrdinaryOrOdd() throws Exception {
        List<String> texts = List.of(ORBIT, "a", "🚀", "日本語のテキスト", "x\0y", "\u200b", "\n.\n", "word ".repeat(5000));

        List<float[]> vectors = model.embed(texts);

        assertThat(vectors).hasSameSizeAs(texts);
        assertThat(vectors).allSatisfy(vector -> {
            assertThat(vector).hasSize(384);
            assertThat(dot(vector, vector)).isCloseTo(1, within(1e-6));
        });
    }

    @Test
    void shouldPutLikeTextsCloserWhenComparedWithUnlikeOnes() throws Exception {
        float[] orbit = vectorOf(ORBIT);

        double like = dot(orbit, vectorOf("A satellite in a low orbit goes round our planet sixteen times a day."));
        double unlike = dot(orbit, vectorOf("Fry the onions gently until they are soft and golden."));

        assertThat(like).isGreaterThan(unlike + 0.1);
    }

    @Test
    void shouldGiveTheSameBitsWhenATextStandsAloneOrAmongOthers() throws Exception {
        float[] alone = vectorOf(ORBIT);
        List<String> texts =
                new ArrayList<>(Collections.nCopies(20, "Some other words, of another length. ".repeat(9)));
        texts.set(7, ORBIT);
        texts.set(13, ORBIT);

        List<float[]> vectors = model.embed(texts);

        assertThat(vectors.get(7)).isEqualTo(alone);
        assertThat(vectors.get(13)).isEqualTo(alone);
        assertThat(vectors.get(8)).isNotEqualTo(alone);
    }

    @Test
    void shouldGiveTheSameBitsWhateverTheNumberOfThreads() throws Exception {
        List<String> texts = List.of(ORBIT, "short", "Some other words, of another length. ".repeat(9));

        try (LocalEmbeddingModel single = LocalEmbeddingModel.open(LocalModel.BGE_SMALL, 1, 512, "as-is")) {
            assertThat(single.embed(texts))
                    .usingElementComparator(Arrays::compare)
                    .isEqualTo(model.embed(texts));
        }
    }

    @Test
    void shouldReadFiveHundredTokensAndNotTheRestWhenTheTextIsLong() throws Exception {
        String head = "word ".repeat(509); // and the two that mark the ends: 511

        float[] within = vectorOf(head + "galaxy");
        float[] beyond = vectorOf(head + "galaxy quantum telescope");

        assertThat(within).isNotEqualTo(vectorOf(head + "onion"));
        assertThat(beyond).isEqualTo(within);
    }

    @Test
    void shouldNameTheModelFileWhenAskedForItsSpace() {
        assertThat(model.space().getProvider()).isEqualTo("local");
        assertThat(model.space().getModel()).isEqualTo("bge-small-en-v1.5-q");
        assertThat(model.space().getModelSha256())
                .isEqualTo("6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4");
        assertThat(model.space().getDimensions()).isEqualTo(384);
        assertThat(model.space().getPooling()).isEqualTo("CLS");
        assertThat(model.space().getNormalisation()).isEqualTo("L2");
        assertThat(model.space().getMaxTokens()).isEqualTo(512);
        assertThat(model.space().getTextRecipe()).isEqualTo("as-is");
    }

    @Test
    void shouldPoolTheMeanOfAllTokensWhenTheModelIsMiniLm() throws Exception {
        try (LocalEmbeddingModel miniLm = LocalEmbeddingModel.open(LocalModel.MINI_LM, 2, 256, "as-is")) {
            float[] vector = miniLm.embed(List.of(ORBIT)).get(0);
            float[] like = miniLm.embed(List.of("A satellite goes round our planet sixteen times a day."))
                    .get(0);
            float[] unlike = miniLm.embed(List.of("Fry the onions gently until they are soft and golden."))
                    .get(0);

            assertThat(miniLm.space().getPooling()).isEqualTo("MEAN");
            assertThat(miniLm.space().getModel()).isEqualTo("all-minilm-l6-v2-q");
            assertThat(miniLm.space().getDimensions()).isEqualTo(384);
            assertThat(dot(vector, vector)).isCloseTo(1, within(1e-6));
            assertThat(dot(vector, like)).isGreaterThan(dot(vector, unlike) + 0.2);
        }
    }

    /** langchain4j's code on the same file pools and normalises by itself. */
    private static final class Reference extends AbstractInProcessEmbeddingModel implements AutoCloseable {
        private final OrtSession session;
        private final OnnxBertBiEncoder encoder;

        Reference() throws Exception {
            super(Runnable::run);
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            try (InputStream model = Reference.class.getResourceAsStream(LocalModel.MINI_LM.modelFile());
                    InputStream vocabulary = Reference.class.getResourceAsStream(LocalModel.MINI_LM.tokenizerFile())) {
                session = environment.createSession(model.readAllBytes());
                encoder = new OnnxBertBiEncoder(environment, session, vocabulary, PoolingMode.MEAN);
            }
        }

        @Override
        protected OnnxBertBiEncoder model() {
            return encoder;
        }

        @Override
        public void close() throws OrtException {
            session.close();
        }
    }

    @Test
    void shouldGiveTheVectorOfOthersCodeWhenTheModelIsMiniLm() throws Exception {
        try (LocalEmbeddingModel miniLm = LocalEmbeddingModel.open(LocalModel.MINI_LM, 2, 256, "as-is");
                Reference reference = new Reference()) {
            assertThat(dot(
                            miniLm.embed(List.of(ORBIT)).get(0),
                            reference.embed(ORBIT).content().vector()))
                    .isCloseTo(1, within(1e-4));
        }
    }

    /** The tokenizer's own file says 128: that would cut most posts off without a word. */
    @Test
    void shouldReadAsManyTokensAsItIsToldWhenTheModelIsMiniLm() throws Exception {
        try (LocalEmbeddingModel miniLm = LocalEmbeddingModel.open(LocalModel.MINI_LM, 2, 256, "as-is")) {
            String head = "word ".repeat(253); // and the two that mark the ends: 255

            float[] within = miniLm.embed(List.of(head + "galaxy")).get(0);

            assertThat(within)
                    .isNotEqualTo(miniLm.embed(List.of(head + "onion")).get(0));
            assertThat(miniLm.embed(List.of(head + "galaxy quantum telescope")).get(0))
                    .isEqualTo(within);
        }
    }
}
