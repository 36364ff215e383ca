package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class EmbedderIT {
    private static TestBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = TestBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void shouldEmbedAPostWhenALineOfJsonIsProduced() throws Exception {
        String prefix = TestBroker.newPrefix();
        Topics topics = broker.createTopics(prefix);

        try (EmbedderService service = EmbedderService.start(
                new EmbedderConfig(broker.serviceSettings(prefix)), Clock.systemUTC(), new SimpleMeterRegistry())) {
            broker.produce(topics.posts().name(), null, "{\"text\":\"How long is a day in orbit?\"}".getBytes(UTF_8));

            List<EmbeddedPost> embedded = broker.readAtLeast(topics.embeddedPosts(), 1);

            assertThat(Vectors.fromBytes(embedded.get(0).getEmbedding())).hasSize(384);
            assertThat(service.ended()).isNotDone();
        }
    }
}
