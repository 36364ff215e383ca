package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.embedder.FakeCacheTopic.Embedder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CachedEmbeddingModelTest {
    private final FakeCacheTopic topic = new FakeCacheTopic();
    private final FakeEmbeddingModel paid = new FakeEmbeddingModel();
    private Embedder embedder;
    private CachedEmbeddingModel model;

    @BeforeEach
    void open() throws InterruptedException {
        embedder = topic.open();
        model = new CachedEmbeddingModel(paid, embedder.cache);
    }

    @AfterEach
    void close() {
        embedder.close();
    }

    @Test
    void shouldAskForEachTextOnceWhenACallHoldsDuplicates() throws Exception {
        List<float[]> vectors = model.embed(List.of("aa", "b", "aa", "b", "aa"));

        assertThat(paid.calls).containsExactly(List.of("aa", "b"));
        assertThat(vectors).extracting(vector -> vector[0]).containsExactly(2f, 1f, 2f, 1f, 2f);
    }

    @Test
    void shouldAskForNothingWhenAllTextsWerePaidFor() throws Exception {
        model.embed(List.of("aa", "b"));

        List<float[]> vectors = model.embed(List.of("b", "aa"));

        assertThat(paid.calls).hasSize(1);
        assertThat(vectors).extracting(vector -> vector[0]).containsExactly(1f, 2f);
    }

    @Test
    void shouldAskOnlyForTheRestWhenAnotherEmbedderHasPaidForSome() throws Exception {
        topic.append("aa", 7, 7);

        List<float[]> vectors = model.embed(List.of("b", "aa", "ccc"));

        assertThat(paid.calls).containsExactly(List.of("b", "ccc"));
        assertThat(vectors).extracting(vector -> vector[0]).containsExactly(1f, 7f, 3f);
    }

    @Test
    void shouldSendWhatWasPaidForWhenAnswersCome() throws Exception {
        model.embed(List.of("aa", "b"));
        embedder.acknowledge();

        try (Embedder other = topic.open()) {
            other.cache.catchUp();

            assertThat(other.cache.find("aa")).contains(new float[] {2, 1});
            assertThat(other.cache.find("b")).contains(new float[] {1, 1});
        }
    }

    @Test
    void shouldKeepNothingWhenTheCallFails() throws Exception {
        paid.failures.add(new ProviderUnavailableException("away"));

        assertThatThrownBy(() -> model.embed(List.of("aa"))).isInstanceOf(ProviderUnavailableException.class);

        assertThat(embedder.producer.history()).isEmpty();
        assertThat(model.embed(List.of("aa"))).hasSize(1);
        assertThat(paid.calls).hasSize(2);
    }

    @Test
    void shouldPayForNothingWhenItIsInterruptedWhileKafkaIsAway() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> model.embed(List.of("aa"))).isInstanceOf(InterruptedException.class);

        assertThat(paid.calls).isEmpty();
    }

    @Test
    void shouldTellTheModelsSpaceAndCloseBothWhenAsked() {
        assertThat(model.space()).isEqualTo(FakeEmbeddingModel.SPACE);

        model.close();

        assertThat(paid.closed).isTrue();
        assertThat(embedder.producer.closed()).isTrue();
    }
}
