package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Task;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real local model, and no broker. */
class TextClassifierIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final List<LabelledText> TRAIN = labelled(Map.of(
            "space",
                    List.of(
                            "The shuttle reached its orbit",
                            "A probe sent pictures of Saturn",
                            "The crew repaired a solar panel of the station"),
            "kitchen",
                    List.of(
                            "Fry the onions gently until golden",
                            "Whisk the eggs with sugar",
                            "Let the dough rest before you bake it"),
            "sport",
                    List.of(
                            "The goalkeeper saved a penalty",
                            "She won the marathon in two hours",
                            "The team lost the final")));
    private static final List<LabelledText> TEST = labelled(Map.of(
            "space", List.of("A rocket carries a satellite beyond the moon"),
            "kitchen", List.of("Boil the potatoes and add butter"),
            "sport", List.of("The striker scored twice before the break")));
    private static final List<String> QUESTIONS =
            TEST.stream().map(LabelledText::text).toList();
    private static final FitOptions FIT = FitOptions.defaults().epochs(25).batchSize(4);

    @TempDir
    private Path folder;

    private static List<LabelledText> labelled(Map<String, List<String>> textsByLabel) {
        List<LabelledText> all = new ArrayList<>();
        textsByLabel.keySet().stream()
                .sorted()
                .forEach(label -> textsByLabel.get(label).forEach(text -> all.add(LabelledText.of(text, label))));
        return all;
    }

    private static void assertRefused(ThrowingCallable call, String reason) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(reason);
    }

    @Test
    void shouldLearnAnswerAndComeBackTheSameWhenItIsSavedAndLoaded() {
        float[][] answers;
        float[][] vectors;
        try (TextClassifier classifier = TextClassifier.fromPreset("minilm_l6_en", 3)) {
            // given: a head that has learned nothing
            assertThat(classifier.labels()).containsExactly("0", "1", "2");
            assertThat(classifier.predict(QUESTIONS)).hasDimensions(3, 3);
            assertThat(classifier.backbone().trainable()).isFalse();
            vectors = classifier.backbone().embed(QUESTIONS);
            List<Integer> told = new ArrayList<>();

            // when
            History history = classifier.fit(TRAIN, TEST, FIT.onEpochEnd((epoch, figures) -> told.add(epoch)));

            // then: it has learned, its backbone has not
            assertThat(history.epoch()).hasSize(25).isEqualTo(told);
            assertThat(history.history().keySet()).containsExactly("loss", "accuracy", "val_loss", "val_accuracy");
            assertThat(history.last("loss")).isLessThan(history.get("loss").get(0) / 2);
            assertThat(classifier.labels()).containsExactly("kitchen", "space", "sport");
            assertThat(classifier.predictLabels(QUESTIONS)).containsExactly("kitchen", "space", "sport");
            answers = classifier.predict(QUESTIONS);
            assertThat(List.of(answers)).allSatisfy(row -> assertThat(
                            IntStream.range(0, 3).mapToDouble(i -> row[i]).sum())
                    .isCloseTo(1, within(1e-5)));
            assertThat(Arrays.deepEquals(classifier.backbone().embed(QUESTIONS), vectors))
                    .isTrue();
            Map<String, Double> figures = classifier.evaluate(TEST);
            assertThat(figures).containsOnlyKeys("loss", "accuracy", "macro_f1").containsEntry("accuracy", 1.0);
            assertThat(figures.get("loss")).isCloseTo(history.last("val_loss"), within(1e-4));
            assertThat(classifier.summary())
                    .contains("all-minilm-l6-v2-q, frozen", "(None, 384)", "147,840", "1,155", "148,995");
            assertThat(Predictor.of(classifier.version()).predict(vectors[0])).isEqualTo(answers[0]);

            // and when: it is left alone, and asked for no text
            assertThat(classifier.predict(List.of())).isEmpty();
            assertRefused(() -> classifier.predict(List.of("fine", " ")), "text 1: ");
            assertRefused(() -> classifier.evaluate(List.of(LabelledText.of("text", "spam"))), "label spam");
            assertRefused(() -> classifier.fit(TRAIN.subList(0, 6)), "numClasses is 3, the training texts have 2");
            assertRefused(
                    () -> classifier.fit(TRAIN, TEST, FitOptions.defaults().with("epoch", "3")), "epoch");
            assertRefused(() -> classifier.compile("adam", "binary_crossentropy"), "numClasses 3");
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> classifier.predict(QUESTIONS)).isInstanceOf(CancellationException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(Arrays.deepEquals(classifier.predict(QUESTIONS), answers))
                    .isTrue();

            classifier.saveToPreset(folder);
        }
        String preset = folder.toString();
        try (TextClassifier again = TextClassifier.fromPreset(preset)) {
            assertThat(again.labels()).containsExactly("kitchen", "space", "sport");
            assertThat(Arrays.deepEquals(again.predict(QUESTIONS), answers)).isTrue();
            assertThat(again.preprocessor().sequenceLength()).isEqualTo(256);
        }
        try (TextClassifier bare =
                TextClassifier.fromPreset(preset, PresetOptions.defaults().withLoadWeights(false))) {
            assertThat(bare.labels()).containsExactly("kitchen", "space", "sport");
            assertThat(Arrays.deepEquals(bare.predict(QUESTIONS), answers)).isFalse();
            assertThat(bare.summary()).contains("148,995");
            assertRefused(
                    () -> bare.fit(List.of(LabelledText.of("a", "spam"), LabelledText.of("b", "space"))),
                    "label spam, the head has [kitchen, space, sport]");
        }
        try (TextClassifier other = TextClassifier.fromPreset(preset, 4)) {
            assertThat(other.predict(QUESTIONS)).hasDimensions(3, 4);
        }
        assertRefused(
                () -> TextClassifier.fromPreset(
                        preset,
                        PresetOptions.defaults()
                                .with("embedding.model", "x")
                                .with("hidden.layer", "8")
                                .withNumClasses(2)),
                "hidden.layer");
    }

    @Test
    void shouldTellTwoClassesByOneNumberWhenThereAreTwo() {
        PresetOptions options = PresetOptions.defaults()
                .withLabels(List.of("sport", "space"))
                .with("hidden.layers", "")
                .with("embedding.max.tokens", "64");
        try (TextClassifier classifier = TextClassifier.fromPreset("minilm_l6_en", options)) {
            classifier.compile(Optimizer.adam(0.02), "binary_crossentropy", "accuracy", "auc");

            History history = classifier.fit(TRAIN.subList(3, 9), List.of(), FIT);

            assertThat(classifier.version().getTask()).isEqualTo(Task.BINARY);
            assertThat(classifier.labels()).containsExactly("sport", "space");
            assertThat(history.history().keySet()).containsExactly("loss", "accuracy", "auc");
            assertThat(classifier.predict(QUESTIONS.subList(1, 2))[0]).hasSize(2);
            assertThat(classifier.predictLabels(QUESTIONS.subList(1, 3))).containsExactly("space", "sport");
            assertThat(classifier.evaluate(TEST.subList(1, 3))).containsOnlyKeys("loss", "accuracy", "auc");
            assertThat(classifier.version().getTraining().getParameters())
                    .containsEntry("learning.rate", "0.02")
                    .containsEntry("hidden.layers", "");
            assertThat(classifier.preprocessor().sequenceLength()).isEqualTo(64);
        }
    }

    @Test
    void shouldShowTheWordsOneOutputAndKnowNoOtherSettingsWhenItIsSavedAndLoaded() {
        // given
        List<LabelledText> two = Stream.concat(
                        TRAIN.stream(), TRAIN.stream()) // words of one text alone are not learned
                .filter(text -> !text.label().equals(Optional.of("sport")))
                .toList();
        try (TextClassifier classifier = TextClassifier.fromPreset(
                "minilm_l6_en", PresetOptions.defaults().withNumClasses(2).with("words", "auto"))) {
            classifier.fit(two, List.of(), FIT);
            classifier.saveToPreset(folder);
        }

        // when
        try (TextClassifier classifier = TextClassifier.fromPreset(folder.toString())) {
            // then
            assertThat(classifier.summary().lines())
                    .anySatisfy(
                            line -> assertThat(line).startsWith("words (Wide").contains("(None, 1)"));
        }
        assertThatThrownBy(() -> TextClassifier.fromPreset(
                        folder.toString(), PresetOptions.defaults().with("hiden.layers", "64")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hiden.layers");
    }

    @Test
    void shouldGiveNumbersWhenItIsARegression() {
        List<LabelledText> texts = new ArrayList<>();
        TRAIN.forEach(text -> texts.add(
                LabelledText.ofTarget(text.text(), text.label().orElseThrow().equals("kitchen") ? 10 : 20)));
        try (TextClassifier classifier = TextClassifier.fromPreset("minilm_l6_en", 1)) {
            classifier.compile("auto", "mean_squared_error");

            History history = classifier.fit(texts, List.of(), FIT.epochs(60));

            assertThat(history.history().keySet()).containsExactly("loss", "mean_absolute_error");
            float[][] answers = classifier.predict(QUESTIONS);
            assertThat(answers).hasDimensions(3, 1);
            assertThat(answers[0][0]).isLessThan(answers[1][0]).isBetween(5f, 16f);
            assertThat(classifier.evaluate(texts)).containsOnlyKeys("loss", "mean_absolute_error", "r2_score");
            assertThatThrownBy(() -> classifier.predictLabels(QUESTIONS)).isInstanceOf(IllegalStateException.class);
            assertRefused(() -> classifier.fit(TRAIN), "a regression (numClasses 1) learns targets");
        }
    }

    @Test
    void shouldSayWhatIsMissingWhenABuiltInPresetHasNoClassesOrNoKey() {
        assertRefused(() -> TextClassifier.fromPreset("bge_small_en"), "fromPreset(\"bge_small_en\", 4)");
        assertRefused(
                () -> TextClassifier.fromPreset(
                        "bge_small_en", PresetOptions.defaults().withLoadWeights(false)),
                "say how many classes");
        if (System.getenv("GEMINI_API_KEY") == null && System.getenv("GOOGLE_API_KEY") == null) {
            assertRefused(() -> TextClassifier.fromPreset("gemini_embedding_001", 2), "SLUICE_GEMINI_API_KEY");
        }
    }

    @Test
    void shouldRunAsTheDocumentSaysWhenTheExampleIsRun() throws Exception {
        String document = Files.readString(ROOT.resolve("docs/textclassifier.md"));
        String example = Files.readString(ROOT.resolve("docs/examples/ClassifyTexts.java"));
        Matcher line = Pattern.compile("(?m)^java .*ClassifyTexts\\.java.*$").matcher(document);
        assertThat(line.find()).isTrue();
        Matcher code = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(document);
        while (code.find()) {
            assertThat(example.replaceAll("\\s+", " "))
                    .contains(code.group(1)
                            .lines()
                            .filter(it -> !it.isBlank())
                            .map(String::strip)
                            .toList());
        }

        Process process = new ProcessBuilder("bash", "-c", line.group().replace("my-preset", folder + "/my-preset"))
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(out).isZero();
        assertThat(out)
                .contains("148,995", "val_accuracy 1.0", "[kitchen, space, sport] 3", "[space, kitchen]")
                .contains("[loss, accuracy, macro_f1] [kitchen, space, sport]");
        assertThat(folder.resolve("my-preset/config.json")).exists();
    }
}
