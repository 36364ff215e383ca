package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.TrainingListener;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the local model to another one while posts flow: told in one test, since each chapter needs those before. */
class ReembedIT {
    private static final int TEXTS = 40;
    private static final int QUOTA = 48;
    private static final int WINDOW_MS = 4000;
    private static final String NEXT = "gemini-embedding-001";

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    private Path folder;

    private final AtomicInteger sent = new AtomicInteger();
    private Topics topics;

    private EmbedderService embedder(Map<String, String> more) {
        Map<String, String> settings = broker.serviceSettings(topics.prefix());
        settings.putAll(more);
        return EmbedderService.start(new EmbedderConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    private LocalPlatform others() {
        Map<String, String> settings = broker.serviceSettings(topics.prefix());
        settings.putAll(Map.of(
                "state.dir", folder.toString(),
                "training.trigger", "request",
                "hidden.layers", "",
                "epochs", "60",
                "learning.rate", "0.05",
                "early.stopping.monitor", "none"));
        return LocalPlatform.start(
                settings,
                EnumSet.of(LocalPlatform.Service.TRAINER, LocalPlatform.Service.CLASSIFIER),
                TrainingListener.logging());
    }

    /** Each text as an example to be fitted and, under another id, as one held out: what was learned is then known. */
    private void produceLabelled() {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < TEXTS; i++) {
            String text = i % 2 == 0 ? "soup with " + i + " onions and some salt" : "a rocket on its " + i + "th orbit";
            for (String split : List.of("TRAIN", "VALIDATION")) {
                String value = "{\"id\":\"%s-%d\",\"text\":\"%s\",\"label\":\"%s\",\"split\":\"%s\"}"
                        .formatted(split, i, text, i % 2 == 0 ? "cooking" : "space", split);
                records.add(new ProducerRecord<>(topics.posts().name(), value.getBytes(UTF_8)));
            }
        }
        broker.produce(records);
        sent.addAndGet(records.size());
    }

    private void producePost() {
        String value = "{\"text\":\"what of moon number " + sent.incrementAndGet() + "\"}";
        broker.produce(topics.posts().name(), null, value.getBytes(UTF_8));
    }

    private CommandRun run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--bootstrap-server", broker.bootstrapServers(), "--prefix", topics.prefix()));
        return CommandRun.of(all.toArray(String[]::new));
    }

    @Test
    void shouldGoOverToAnotherModelWhilePostsFlowWhenTheQuotaIsSmall() throws Exception {
        topics = broker.createTopics(TestBroker.newPrefix());
        ScheduledExecutorService flow = Executors.newSingleThreadScheduledExecutor();
        try (LocalPlatform others = others();
                GeminiServer gemini = GeminiServer.start("rpm", "" + QUOTA, "window-ms", "" + WINDOW_MS)) {
            // given: a version of the local model's space serves, and posts flow
            CompletableFuture<CommandRun> reembed;
            produceLabelled();
            try (EmbedderService local = embedder(Map.of())) {
                broker.readAtLeast(topics.labeledVectors(), 2 * TEXTS);
                assertThat(run("train", "--json")
                                .objects()
                                .get(0)
                                .get("version")
                                .asInt())
                        .isEqualTo(1);
                var unused = flow.scheduleAtFixedRate(this::producePost, 0, 200, TimeUnit.MILLISECONDS);
                broker.readAll(topics.predictions(), all -> all.stream().anyMatch(ReembedIT::isOfVersion1));
                assertThat(local.ended()).isNotDone();

                // when: somebody asks for the change, even before an embedder knows of it
                reembed = CompletableFuture.supplyAsync(() -> run("reembed", "--to", NEXT, "--json"));
            }
            try (EmbedderService both = embedder(Map.of(
                    "next.embedding.provider",
                    "gemini",
                    "next.embedding.model",
                    NEXT,
                    "next.embedding.dimensions",
                    "128",
                    "gemini.api.key",
                    Unsaid.KEY,
                    "gemini.base.url",
                    gemini.url(),
                    "rate.limit.requests.per.minute",
                    "" + QUOTA,
                    "rate.limit.window.ms",
                    "" + WINDOW_MS,
                    "request.timeout.ms",
                    "" + WINDOW_MS / 2))) {

                // then: the command tells of the version that serves now, and of the settings to be made permanent
                CommandRun done = reembed.get(TestBroker.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(done.err()).contains("80 labelled texts of 80");
                JsonNode said = done.objects().get(0);
                assertThat(done.exitCode()).isZero();
                assertThat(said.get("version").asInt()).isEqualTo(2);
                assertThat(said.get("verdict").asText())
                        .as("both versions judged by the same examples, each in its own space")
                        .contains("on 40 validation examples, version 1 has");
                assertThat(said.get("settings").get("embedding.model").asText()).isEqualTo(NEXT);

                // then: every post has one prediction, by the old version and from some moment on by the new one
                flow.shutdown();
                assertThat(flow.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
                producePost();
                List<ConsumerRecord<byte[], byte[]>> records =
                        broker.readAll(topics.predictions().name(), all -> all.size() >= sent.get());
                assertThatEachPostHasOnePredictionByOldThenNew(records);

                // then: no text was paid for twice, and never more than the quota allows
                assertThat(gemini.report().quotaExceeded()).isZero();
                assertThat(gemini.report().answeredTwice()).isZero();

                // then: labelled vectors are as they were; what is withdrawn there is withdrawn here
                assertThat(broker.readAtLeast(topics.labeledVectors(), 2 * TEXTS))
                        .hasSize(2 * TEXTS)
                        .allMatch(post -> post.getSpace().getProvider().equals("local"));
                broker.produce(topics.labeledVectors().name(), "TRAIN-7".getBytes(UTF_8), null);
                List<ConsumerRecord<byte[], byte[]>> again =
                        broker.readAll(topics.reembeddedVectors().name(), all -> all.stream()
                                .anyMatch(record -> record.value() == null));
                assertThatEachTextHasOneVectorThere(again);

                // then: where a person has pinned a version, the command says so at once
                assertThat(run("pin", "--json").exitCode()).isZero();
                CommandRun pinned = run("reembed", "--to", NEXT, "--json");
                assertThat(pinned.exitCode()).isEqualTo(1);
                assertThat(pinned.objects().get(0).get("version").asInt()).isEqualTo(3);
                assertThat(pinned.objects().get(0).get("serves").asBoolean()).isFalse();
                assertThat(pinned.objects().get(0).get("verdict").asText()).isEqualTo("version 2 is pinned");
                assertThat(both.ended()).isNotDone();
            }
            assertThat(others.ended()).isNotDone();
        } finally {
            flow.shutdownNow();
        }
    }

    private static boolean isOfVersion1(Prediction prediction) {
        return prediction.getModelVersion().filter(version -> version == 1).isPresent();
    }

    private void assertThatEachPostHasOnePredictionByOldThenNew(List<ConsumerRecord<byte[], byte[]>> records) {
        List<Prediction> all = records.stream()
                .map(record -> topics.predictions().codec().decode(record.value()))
                .toList();
        assertThat(all).hasSize(sent.get());
        assertThat(all.stream().map(Prediction::getSource).distinct()).hasSize(sent.get());
        assertThat(all).extracting(Prediction::getStatus).doesNotContain(PredictionStatus.OTHER_EMBEDDING_SPACE);
        records.stream()
                .collect(Collectors.groupingBy(ConsumerRecord::partition))
                .values()
                .forEach(partition -> {
                    List<Integer> versions = partition.stream()
                            .map(record -> topics.predictions().codec().decode(record.value()))
                            .map(prediction -> prediction.getModelVersion().orElse(0))
                            .toList();
                    assertThat(versions).isSorted();
                });
        assertThat(all)
                .extracting(prediction -> prediction.getModelVersion().orElse(0))
                .contains(0, 1, 2);
    }

    private void assertThatEachTextHasOneVectorThere(List<ConsumerRecord<byte[], byte[]>> records) {
        List<EmbeddedPost> posts = records.stream()
                .filter(record -> record.value() != null)
                .map(record -> topics.reembeddedVectors().codec().decode(record.value()))
                .toList();
        assertThat(posts)
                .hasSize(2 * TEXTS)
                .allMatch(post -> post.getSpace().getModel().equals(NEXT));
        assertThat(posts.stream().map(EmbeddedPost::getText).distinct()).hasSize(TEXTS);
        assertThat(records.stream().filter(record -> record.value() == null))
                .singleElement()
                .satisfies(record -> assertThat(record.key()).isEqualTo("TRAIN-7".getBytes(UTF_8)));
    }
}
