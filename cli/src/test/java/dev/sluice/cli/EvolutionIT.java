package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.ClassifierMain;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.Label;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers that are a release ahead of the services: each of their records has one more field. The upgrade is what an
 * upgrade of the readers brings: one more published schema on their class path.
 */
class EvolutionIT {
    private static final HandMadeModels MODELS = new HandMadeModels(8, 8, 2);
    private static final int AVRO_HEADER_BYTES = 10;

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();

    @TempDir
    Path folder;

    private Path nextRelease() {
        return folder.resolve("next");
    }

    private String upgraded() {
        return nextRelease() + File.pathSeparator + today();
    }

    private static String today() {
        return System.getProperty("java.class.path");
    }

    private ServiceProcess embedder(GeminiServer gemini, String classPath) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.putAll(gemini.embedderSettings());
        settings.putAll(Map.of("consumer.session.timeout.ms", "6000"));
        return ServiceProcess.start(folder, classPath, EmbedderMain.class, settings);
    }

    private ServiceProcess classifier(String classPath) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", folder.resolve("state").toString());
        settings.put("consumer.session.timeout.ms", "6000");
        settings.put("consumer.heartbeat.interval.ms", "1000");
        return ServiceProcess.start(folder, classPath, ClassifierMain.class, settings);
    }

    @Test
    void shouldBringHomeWhatANewerWriterWroteWhenTheReadersAreUpgraded() throws Exception {
        Topics topics = broker.createTopics(prefix);
        List<Topic<?>> all =
                List.of(topics.models(), topics.deployments(), topics.posts(), topics.embeddedPosts(), topics.labels());
        try (GeminiServer gemini = GeminiServer.start();
                ServiceProcess oldEmbedder = embedder(gemini, today());
                ServiceProcess oldClassifier = classifier(today())) {
            // given: the services follow the topics, so that what comes is news to them
            broker.produce(topics.posts().name(), null, "{\"text\":\"first\"}".getBytes(UTF_8));
            broker.readAtLeast(topics.predictions(), 1);

            // when
            newer(topics.models(), ModelVersions.keyOf("default", 1), MODELS.version(1));
            newer(
                    topics.deployments(),
                    "default",
                    Deployment.newBuilder().setVersion(1).build());
            newer(topics.posts(), "p", Post.newBuilder().setText("newer").build());
            newer(topics.embeddedPosts(), MODELS.post(5).getPost().getId().orElseThrow(), MODELS.post(5));
            String labelled = MODELS.post(5).getPost().getId().orElseThrow();
            newer(topics.labels(), labelled, Label.newBuilder().setLabel("a").build());

            // then: a letter of each says so
            for (Topic<?> topic : all) {
                var letters = broker.readAll(Topics.deadLetterOf(topic.name()), records -> !records.isEmpty());
                assertThat(DeadLetter.of(letters.get(0)).reason()).contains("unknown schema", "upgrade the readers");
                assertThat(letters).hasSize(1);
            }
            oldEmbedder.terminate();
            oldClassifier.terminate();

            // when: upgraded, and sent again
            try (ServiceProcess newEmbedder = embedder(gemini, upgraded());
                    ServiceProcess newClassifier = classifier(upgraded())) {
                broker.readAll(topics.deploymentStatus(), statuses -> statuses.stream()
                        .anyMatch(status -> status.getState() == DeploymentState.SERVING && status.getVersion() == 1));
                CommandRun run = CommandRun.of(
                        "dlq",
                        "redrive",
                        "--reason",
                        "schema",
                        "--json",
                        "--bootstrap-server",
                        broker.bootstrapServers(),
                        "--prefix",
                        prefix);

                // then: all are home, and no letter came back
                assertThat(run.objects().stream()
                                .mapToInt(json -> json.get("sent").asInt())
                                .sum())
                        .isEqualTo(4); // the log of deployments is read anew
                broker.readAll(topics.embeddedPosts().name(), records -> records.size() >= 4);
                assertThat(broker.readAtLeast(topics.predictions(), 3))
                        .extracting(prediction -> prediction.getPostId())
                        .contains("p", labelled);
                assertThat(broker.readAtLeast(topics.labeledVectors(), 1)
                                .get(0)
                                .getPost()
                                .getLabel())
                        .contains("a");
                for (Topic<?> topic : all) {
                    assertThat(broker.readToEnd(Topics.deadLetterOf(topic.name())))
                            .hasSize(1);
                }
                assertThat(newEmbedder.isAlive()).isTrue();
                assertThat(newClassifier.isAlive()).isTrue();
            }
        }
    }

    /** Sends the record as a writer of the next release would: its last field is one that nobody knows yet. */
    private <V extends SpecificRecord> void newer(Topic<V> topic, String key, V value) throws IOException {
        Schema schema = next(value.getSchema());
        byte[] today = topic.codec().encode(value);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(new byte[] {(byte) 0xC3, 1});
        out.write(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(SchemaNormalization.parsingFingerprint64(schema))
                .array());
        out.write(today, AVRO_HEADER_BYTES, today.length - AVRO_HEADER_BYTES);
        out.write(new byte[] {2, 6, 'n', 'e', 'w'}); // the second branch; three characters
        broker.produce(List.of(new ProducerRecord<>(topic.name(), key.getBytes(UTF_8), out.toByteArray())));
    }

    /** Published in the next release as the number after today's. */
    private Schema next(Schema today) throws IOException {
        List<Schema.Field> fields = new ArrayList<>();
        today.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        Schema optional = Schema.createUnion(Schema.create(Schema.Type.NULL), Schema.create(Schema.Type.STRING));
        fields.add(new Schema.Field("novelty", optional, null, Schema.Field.NULL_DEFAULT_VALUE));
        Schema next = Schema.createRecord(today.getName(), null, today.getNamespace(), false, fields);
        int number = 1;
        while (Topics.class.getResource("published/" + today.getName() + "." + number + ".avsc") != null) {
            number++;
        }
        Path published = Files.createDirectories(nextRelease().resolve("dev/sluice/schemas/published"));
        Files.writeString(published.resolve(today.getName() + "." + number + ".avsc"), next.toString());
        return next;
    }
}
