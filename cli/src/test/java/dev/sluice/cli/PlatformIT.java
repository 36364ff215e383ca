package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A day in the life of {@code sluice up}, as a process of its own: told in one test, since each chapter needs those before. */
class PlatformIT {
    @TempDir
    Path folder;

    private UpProcess up;

    @AfterEach
    void leaveNothingRunning() throws Exception {
        if (up != null) {
            up.kill();
        }
    }

    /** Models are made on request, and go live however they do: so few posts are held out here that chance would judge. */
    private UpProcess start() {
        return UpProcess.start(folder, "--set", "training.trigger=request", "--set", "promotion.max.accuracy.drop=1");
    }

    @Test
    void shouldGoOnWhereItWasWhenStoppedOrKilledAndStartedAgain() throws Exception {
        // a post without a model: an answer that says so, in JSON that anybody can read
        up = start();
        up.await("noModel");
        produceAsForeignersDo("{\"id\":\"first\",\"text\":\"Which eyepiece shows the rings of Saturn best?\"}");
        assertThat(awaitPrediction("first").getStatus()).isEqualTo(PredictionStatus.NO_MODEL);

        // two versions, trained from the topic, each live as it comes
        run("produce", "--data", "bundled", "--per-class", "8");
        awaitPredictions(predictions -> predictions.size() == 1 + 4 * (8 + 2));
        assertThat(run("train", "--json").objects().get(0).get("version").asInt())
                .isEqualTo(1);
        assertThat(run("train", "--set", "seed=7", "--json")
                        .objects()
                        .get(0)
                        .get("version")
                        .asInt())
                .isEqualTo(2);
        assertThat(up.await("live").get("version").asInt()).isEqualTo(1);
        assertThat(up.await("live").get("version").asInt()).isEqualTo(2);

        // deploying changes who answers, without a restart
        assertThat(classify().get("modelVersion").asInt()).isEqualTo(2);
        assertThat(run("deploy", "1").out()).contains("version 1 is live");
        assertThat(classify().get("modelVersion").asInt()).isEqualTo(1);
        assertThat(run("deploy", "2").out()).contains("version 2 is live");
        assertThat(classify().get("modelVersion").asInt()).isEqualTo(2);
        int posts = 1 + 4 * (8 + 2) + 3;

        // Ctrl-C: everything is closed in order, and nothing is said about it but that
        List<String> said = up.interrupt();
        assertThat(said.get(said.size() - 1)).contains("\"event\":\"stopped\"");
        assertThat(said).allMatch(line -> line.startsWith("{\"event\":"));

        // again on the same folder: models, deployment and offsets are where they were
        up = start();
        assertThat(up.await("live").get("version").asInt()).isEqualTo(2);
        assertThat(classify().get("modelVersion").asInt()).isEqualTo(2);
        assertThat(run("models", "--json").objects()).hasSize(2);
        assertThat(countPredictions()).as("no post is classified twice").isEqualTo(posts + 1);

        // the plug is pulled: the same
        up.kill();
        up = start();
        assertThat(classify().get("modelVersion").asInt()).isEqualTo(2);
        assertThat(countPredictions()).isEqualTo(posts + 2);
        up.interrupt();
    }

    private JsonNode classify() {
        CommandRun run = run("classify", "--json", "Should pancake batter rest?");
        assertThat(run.err()).isEmpty();
        return run.objects().get(0);
    }

    private Prediction awaitPrediction(String id) {
        return awaitPredictions(predictions -> predictions.stream()
                        .anyMatch(prediction -> prediction.getPostId().equals(id)))
                .stream()
                .filter(prediction -> prediction.getPostId().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private List<Prediction> awaitPredictions(Predicate<List<Prediction>> enough) {
        List<Prediction> predictions = new ArrayList<>();
        Deadline deadline = Deadline.in(TestBroker.PATIENCE);
        try (var reader = predictionReader()) {
            while (!enough.test(predictions)) {
                assertThat(deadline.passed())
                        .as("%d predictions are not enough", predictions.size())
                        .isFalse();
                reader.poll().forEach(read -> predictions.add(read.value().orElseThrow()));
            }
        }
        return predictions;
    }

    private int countPredictions() {
        try (var reader = predictionReader()) {
            return reader.readToEnd().size();
        }
    }

    private TopicReader<Prediction> predictionReader() {
        return TopicReader.fromBeginning(
                Map.of("bootstrap.servers", up.bootstrapServers()),
                Topics.ofDefaults().predictions());
    }

    private CommandRun run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--bootstrap-server", up.bootstrapServers()));
        CommandRun run = CommandRun.of(all.toArray(String[]::new));
        assertThat(run.exitCode()).as("%s: %s", all, run.err()).isZero();
        return run;
    }

    /** As kcat: no key, a line of JSON. */
    private void produceAsForeignersDo(String json) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", up.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>("posts", json)).get();
        }
    }
}
