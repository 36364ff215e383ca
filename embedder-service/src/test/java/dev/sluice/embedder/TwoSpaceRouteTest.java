package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.EmbeddingSpace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TwoSpaceRouteTest {
    /** One space over a fake model, and what it is said to know. */
    private static final class Route implements EmbeddingRoute {
        final FakeEmbeddingModel model = new FakeEmbeddingModel();
        final Map<String, float[]> known = new HashMap<>();
        Optional<String> waitingFor = Optional.empty();

        @Override
        public EmbeddingSpace space() {
            return model.space();
        }

        @Override
        public List<EmbeddingSpace> spaces() {
            return List.of(space());
        }

        @Override
        public List<float[]> embed(List<String> texts) {
            return model.embed(texts);
        }

        @Override
        public Optional<float[]> known(String text) {
            return Optional.ofNullable(known.get(text));
        }

        @Override
        public Optional<String> waitingFor() {
            return waitingFor;
        }

        @Override
        public void close() {
            model.close();
        }
    }

    private final Route present = new Route();
    private final Route next = new Route();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TwoSpaceRoute both = new TwoSpaceRoute(present, next, List::size, new EmbedderMeters(registry));

    @Test
    void shouldGoOnWithTheOthersWhenAVectorIsOfNoUse() throws Exception {
        List<float[]> vectors = both.embed(List.of("spoil me", "a"));

        assertThat(vectors).containsExactly(new float[0], new float[] {1, 1, 1, 1});
        assertThat(next.model.calls).containsExactly(List.of("a"));
    }

    @Test
    void shouldLeaveOutTheNextVectorWhenThatAloneIsOfNoUse() throws Exception {
        next.model.spoilsAll = true;

        assertThat(both.embed(List.of("a"))).containsExactly(new float[] {1, 1});
    }

    @Test
    void shouldLayBothVectorsEndToEndWhenTextsAreEmbedded() throws Exception {
        assertThat(both.embed(List.of("a", "bb"))).containsExactly(new float[] {1, 1, 1, 1}, new float[] {2, 1, 2, 1});
        assertThat(both.spaces()).hasSize(2);
        assertThat(both.space()).isEqualTo(present.space());
    }

    @Test
    void shouldGoOnWithoutTheNextVectorWhenOnlyTheNextModelRefusesTheText() throws Exception {
        next.model.refusesAll = true;

        assertThat(both.embed(List.of("a", "bb"))).containsExactly(new float[] {1, 1}, new float[] {2, 1});
        assertThat(registry.get("sluice.embedder.next.refusals").counter().count())
                .isEqualTo(2);
    }

    @Test
    void shouldPayTheNextModelNothingWhenThePresentOneRefuses() {
        present.model.refusesAll = true;

        assertThatThrownBy(() -> both.embed(List.of("a"))).isInstanceOf(TextRefusedException.class);
        assertThat(next.model.calls).isEmpty();
    }

    @Test
    void shouldKnowATextOnlyWhenBothDo() {
        present.known.put("a", new float[] {7});
        present.known.put("b", new float[] {7});
        next.known.put("b", new float[] {8});
        next.known.put("c", new float[] {8});

        assertThat(both.known("a")).isEmpty();
        assertThat(both.known("b")).contains(new float[] {7, 8});
        assertThat(both.known("c")).isEmpty();
    }

    @Test
    void shouldSayThatItWaitsWhenEitherDoes() {
        assertThat(both.waitingFor()).isEmpty();
        next.waitingFor = Optional.of("the next one");
        assertThat(both.waitingFor()).contains("the next one");
    }

    @Test
    void shouldCloseBothWhenClosed() {
        both.close();

        assertThat(present.model.closed).isTrue();
        assertThat(next.model.closed).isTrue();
    }
}
