package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.models.InvalidPresetException;
import dev.sluice.models.LabelledText;
import dev.sluice.models.PresetOptions;
import dev.sluice.models.TextClassifier;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.SigningKey;
import dev.sluice.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One preset on its way round: from Java code into a folder, onto the topic, and back by both. */
class PresetIT {
    private static final List<String> QUESTIONS = List.of("A satellite above the Earth", "Bread with butter");
    private static final List<LabelledText> TRAIN = List.of(
            LabelledText.of("The shuttle reached its orbit", "space"),
            LabelledText.of("A probe sent pictures of Saturn", "space"),
            LabelledText.of("Fry the onions gently", "kitchen"),
            LabelledText.of("Whisk the eggs with sugar", "kitchen"));

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    private Path folder;

    private String prefix;
    private Topics topics;

    @BeforeEach
    void createTopics() throws Exception {
        prefix = TestBroker.newPrefix();
        topics = broker.createTopics(prefix);
    }

    private CommandRun sluice(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private String onTopic(String rest) {
        return "kafka://" + broker.bootstrapServers() + "/default" + rest + "?prefix=" + prefix;
    }

    private static float[][] answers(String preset) {
        try (TextClassifier classifier = TextClassifier.fromPreset(preset)) {
            return classifier.predict(QUESTIONS);
        }
    }

    @Test
    void shouldAnswerTheSameWhenItWentByFolderCommandAndTopic() {
        // given
        Path saved = folder.resolve("saved");
        float[][] first;
        try (TextClassifier classifier = TextClassifier.fromPreset("minilm_l6_en", 2)) {
            classifier.fit(TRAIN);
            first = classifier.predict(QUESTIONS);
            classifier.saveToPreset(saved);
        }

        // when
        CommandRun imported = sluice("models", "import", saved.toString());
        assertThatThrownBy(() -> answers(onTopic("")))
                .hasMessageContaining("no version of the classifier default is live");
        CommandRun exported = sluice(
                "models", "export", "1", "--to", folder.resolve("exported").toString());
        CommandRun oneFile = sluice(
                "models",
                "export",
                "1",
                "--to",
                folder.resolve("one.safetensors").toString());
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(1).setBy("me").build());

        // then
        assertThat(imported.err() + exported.err() + oneFile.err()).isEmpty();
        assertThat(exported.out()).contains("version 1 is in " + folder.resolve("exported"));
        assertThat(answers(onTopic("/1"))).isDeepEqualTo(first);
        assertThat(answers(onTopic(""))).isDeepEqualTo(first);
        assertThat(answers(folder.resolve("exported").toString())).isDeepEqualTo(first);
        assertThat(answers(folder.resolve("one.safetensors").toString())).isDeepEqualTo(first);
    }

    @Test
    void shouldSayWhatThereIsWhenAVersionIsNot() {
        ModelVersion byHand = new HandMadeModels(4, 3, 2).version(1);
        broker.produce(topics.models(), ModelVersions.keyOf("default", 1), byHand);
        broker.produce(topics.models(), ModelVersions.keyOf("default", 2), TestModels.version(2));
        broker.produce(topics.models().name(), "default/2".getBytes(StandardCharsets.UTF_8), null);

        assertThatThrownBy(() -> TextClassifier.fromPreset(onTopic("/2")))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("there is no version 2 of the classifier default")
                .hasMessageContaining("there are [1]");
        assertThatThrownBy(() -> TextClassifier.fromPreset(onTopic("/1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("are made elsewhere");
        assertThatThrownBy(() -> TextClassifier.fromPreset(onTopic("/1").replace("default", "newsgroups")))
                .hasMessageContaining("there is no topic " + prefix + "models.newsgroups");
    }

    @Test
    void shouldTakeOnlyWhatATrustedKeySignedWhenKeysAreNamed() {
        SigningKey key = SigningKey.generate();
        PresetOptions trusting = PresetOptions.defaults().withKafka(Map.of("models.trusted.keys", key.publicText()));
        ModelVersion byHand = new HandMadeModels(4, 3, 2).version(1);
        broker.produce(topics.models(), ModelVersions.keyOf("default", 1), byHand);
        broker.produce(
                topics.deployments(),
                "default",
                Deployment.newBuilder().setVersion(1).build());

        assertThatThrownBy(() -> TextClassifier.fromPreset(onTopic("/1"), trusting))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("default/1 is refused: the version is not signed");
        assertThatThrownBy(() -> TextClassifier.fromPreset(onTopic(""), trusting))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("is live", "by a deployment that a trusted key signed");

        // signed, they get as far as any version whose embeddings are made elsewhere
        broker.produce(topics.models(), ModelVersions.keyOf("default", 1), key.sign(byHand));
        broker.produce(
                topics.deployments(),
                "default",
                key.sign(Deployment.newBuilder()
                        .setVersion(1)
                        .setClassifier("default")
                        .setCreatedAt(TestModels.TIME)
                        .build()));
        assertThatThrownBy(() -> TextClassifier.fromPreset(onTopic("/1"), trusting))
                .hasMessageContaining("are made elsewhere");
        assertThatThrownBy(() -> TextClassifier.fromPreset(onTopic(""), trusting))
                .hasMessageContaining("are made elsewhere");
    }

    @Test
    void shouldSayThatNobodyAnswersWhenThereIsNoBroker() {
        PresetOptions quick = PresetOptions.defaults().withKafka(Map.of("default.api.timeout.ms", "500"));

        assertThatThrownBy(() -> TextClassifier.fromPreset("kafka://127.0.0.1:1/default/1", quick))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("127.0.0.1:1");
    }

    @Test
    void shouldPublishNothingWhenAFolderIsNoPreset() {
        assertThat(sluice("models", "import", folder.toString()).err()).contains("there is no config.json");
        assertThat(broker.readToEnd(topics.models().name())).isEmpty();
    }
}
