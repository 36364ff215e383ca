package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.EmbeddingSpace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EmbedderServiceTest {
    private static final String NO_TOPIC = "";

    /** Cannot even be closed. */
    private static final EmbeddingModel BROKEN = new EmbeddingModel() {
        @Override
        public EmbeddingSpace space() {
            return FakeEmbeddingModel.SPACE;
        }

        @Override
        public List<float[]> embed(List<String> texts) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new NoClassDefFoundError("close");
        }
    };

    @Test
    void shouldTellThatItHasEndedAndWhyWhenEvenItsEndFails() {
        EmbedderConfig config = new EmbedderConfig(Map.of("bootstrap.servers", "127.0.0.1:1"));
        EmbedderMeters meters = new EmbedderMeters(new SimpleMeterRegistry());
        Clock clock = Clock.systemUTC();
        Quota quota = new Quota(config.quotaLimits(), config.maxTokens(), clock, meters);
        EmbedderService service = new EmbedderService(
                config,
                new EmbedderClients(config, "i"),
                new OneSpaceRoute(
                        new GuardedEmbeddingModel(BROKEN, quota, config.patience(), clock, meters), Optional.empty()),
                Optional.empty(),
                quota,
                clock,
                meters);

        assertThatThrownBy(() -> service.run(NO_TOPIC)).isInstanceOf(NoClassDefFoundError.class);

        assertThat(service.ended()).isCompletedExceptionally();
        assertThat(service.health().live()).isFalse();
    }
}
