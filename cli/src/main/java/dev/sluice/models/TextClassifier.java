package dev.sluice.models;

import dev.sluice.embedder.TextEmbedder;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.trainer.LocalFit;
import dev.sluice.trainer.LocalFit.LabelledVector;
import dev.sluice.trainer.LocalHead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A classifier of texts for Java code, in the shape of KerasHub's {@code TextClassifier}: a preset gives a preprocessor, a
 * backbone and perhaps a head; {@code fit} trains the head; {@code predict} answers. No broker is needed. What it saves, the
 * services serve, and what they have published, it loads.
 *
 * <p><b>The backbone is frozen</b>, see {@link Backbone}: only the head is trained, and each fit begins with new weights.
 *
 * <p>Texts go through the same text recipe, model and forward pass as in the stream, so the same text has the same answer
 * there. Any number of threads may predict at once; {@code fit} and {@code compile} want the classifier for themselves.
 */
public final class TextClassifier implements AutoCloseable {
    private static final Clock CLOCK = Clock.systemUTC();

    /** Where they differ from the trainer's: nothing is held out and no epoch left out unless that is said. */
    private static final Map<String, String> KERAS_HABITS =
            Map.of("validation.fraction", "0", "early.stopping.monitor", "none");

    private final PresetOptions options;
    private final TextEmbedder embedder;
    private final Preprocessor preprocessor;
    private final Backbone backbone;
    private final HeadShape shape;
    private Compilation compilation = Compilation.DEFAULT;
    private volatile Predictor head;

    private TextClassifier(PresetOptions options, TextEmbedder embedder, HeadShape shape, Predictor head) {
        this.options = options;
        this.embedder = embedder;
        this.preprocessor = new Preprocessor(embedder);
        this.backbone = new Backbone(embedder);
        this.shape = shape;
        this.head = head;
    }

    /** Built-in presets: names, and what they are. None has a head, so each needs the classes. */
    public static Map<String, String> presets() {
        return BuiltInPreset.all();
    }

    /** As {@link #fromPreset(String, PresetOptions)}, with the preset's own head. */
    public static TextClassifier fromPreset(String preset) {
        return fromPreset(preset, PresetOptions.defaults());
    }

    /** As {@link #fromPreset(String, PresetOptions)}, with a new head for so many classes. */
    public static TextClassifier fromPreset(String preset, int numClasses) {
        return fromPreset(preset, PresetOptions.defaults().withNumClasses(numClasses));
    }

    /**
     * Loads a preset.
     *
     * @param preset a name of {@link #presets}; a folder or file of {@link #saveToPreset} or {@code sluice models export}; or a
     *     version on a topic, {@code kafka://host:9092/classifier/7}, without the number the one that is live
     * @throws IllegalArgumentException if there is no such preset, naming the supported forms; if it has no head and the
     *     classes are not said; if its backbone cannot be had here; if a setting is unknown
     */
    public static TextClassifier fromPreset(String preset, PresetOptions options) {
        Preset found = Preset.of(preset, options.kafka(), CLOCK.instant());
        if (found.version().isEmpty() && !options.replacesHead()) {
            throw new IllegalArgumentException("the preset " + preset
                    + " has no head: say how many classes there are, as in fromPreset(\"" + preset + "\", 4),"
                    + " or which, by PresetOptions.withLabels");
        }
        Optional<Predictor> saved = found.version().map(TextClassifier::checked);
        TextEmbedder embedder = embedder(found, options);
        try {
            HeadShape shape = HeadShape.of(found.version(), options);
            boolean keeps = saved.isPresent() && !options.replacesHead() && options.loadWeights();
            // what is kept has been made by settings of its own: only those that are said are looked at, now and not at
            // a fit
            Map<String, String> settings = keeps ? options.ofTheHead() : shape.settings(options);
            ModelVersion untrained =
                    LocalHead.untrained(embedder.space(), shape.task(), shape.labels(), settings, CLOCK);
            return new TextClassifier(options, embedder, shape, keeps ? saved.get() : Predictor.of(untrained));
        } catch (RuntimeException e) {
            embedder.close();
            throw e;
        }
    }

    private static Predictor checked(ModelVersion version) {
        return version.getSha256().isEmpty() ? Predictor.ofUnsealed(version) : Predictor.of(version);
    }

    private static TextEmbedder embedder(Preset preset, PresetOptions options) {
        Map<String, String> settings = new TreeMap<>(options.ofTheBackbone());
        if (preset.version().isPresent()) {
            return TextEmbedder.of(preset.version().get().getSpace(), settings);
        }
        settings.putAll(preset.settings());
        return TextEmbedder.open(settings);
    }

    public Preprocessor preprocessor() {
        return preprocessor;
    }

    public Backbone backbone() {
        return backbone;
    }

    /** How many classes; 1 for a regression. */
    public int numClasses() {
        return shape.classes();
    }

    /** The classes, in the order of the columns of {@link #predict}; none for a regression. */
    public List<String> labels() {
        return head.labels();
    }

    /** The head as a record that goes onto a topic or into a file; sealed unless it was loaded from a file. */
    public ModelVersion version() {
        return head.version();
    }

    /** Everything "auto": Adam, the loss that fits the classes, and all figures that the task has. */
    public void compile() {
        compile(Compilation.AUTO, Compilation.AUTO, Compilation.AUTO);
    }

    /**
     * As {@link #compile(Optimizer, String, String...)}.
     *
     * @param optimizer auto, adam, adamw or sgd, with the trainer's learning rate
     */
    public void compile(String optimizer, String loss, String... metrics) {
        Optional<Optimizer> named =
                optimizer.equals(Compilation.AUTO) ? Optional.empty() : Optional.of(new Optimizer(optimizer, Map.of()));
        compilation = Compilation.of(named, loss, List.of(metrics), numClasses());
    }

    /**
     * How the next {@link #fit} trains.
     *
     * @param loss auto, sparse_categorical_crossentropy, binary_crossentropy (2 classes) or mean_squared_error (a regression)
     * @param metrics shown beside the loss: accuracy, auc, mean_absolute_error, and by {@link #evaluate} alone macro_f1 and
     *     r2_score; or auto for all there are
     * @throws IllegalArgumentException if a name is unknown, or the loss does not fit the classes
     */
    public void compile(Optimizer optimizer, String loss, String... metrics) {
        compilation = Compilation.of(Optional.of(optimizer), loss, List.of(metrics), numClasses());
    }

    /** As {@link #fit(List, List, FitOptions)}, with nothing held out. */
    public History fit(List<LabelledText> train) {
        return fit(train, List.of(), FitOptions.defaults());
    }

    /** As {@link #fit(List, List, FitOptions)}, with the defaults. */
    public History fit(List<LabelledText> train, List<LabelledText> validation) {
        return fit(train, validation, FitOptions.defaults());
    }

    /**
     * Trains the head, from new weights; the one before goes on answering until this is done, and stays if it fails.
     *
     * @param train texts of at least two classes; or with targets, for a regression
     * @param validation for the figures val_*, for early stopping if it is to look at them, and to calibrate the probabilities if
     *     there are 50 or more; may be empty
     * @throws IllegalArgumentException if labels and classes do not fit, a text is blank, a setting is unknown or these texts
     *     cannot be learned from
     * @throws java.util.concurrent.CancellationException if this thread is interrupted; it stays so
     */
    public History fit(List<LabelledText> train, List<LabelledText> validation, FitOptions fitOptions) {
        List<String> labels = shape.labelsOf(train);
        shape.check(validation, "validation", labels);
        List<LabelledVector> examples = new ArrayList<>(vectors(train, Split.TRAIN));
        examples.addAll(vectors(validation, Split.VALIDATION));
        Map<String, String> settings = shape.settings(options);
        settings.putAll(compilation.settings());
        settings.putAll(fitOptions.settings());
        KERAS_HABITS.forEach(settings::putIfAbsent);
        try {
            ModelVersion version = LocalFit.fit(
                    examples,
                    embedder.space(),
                    labels,
                    settings,
                    epoch -> fitOptions.onEpochEnd().accept(epoch.getEpoch(), History.figures(epoch, compilation)),
                    CLOCK);
            head = Predictor.of(version);
            return History.of(version.getTraining().getHistory(), compilation);
        } catch (InterruptedException e) {
            throw Backbone.interrupted(e);
        }
    }

    private List<LabelledVector> vectors(List<LabelledText> texts, Split split) {
        List<String> ready =
                preprocessor.preprocess(texts.stream().map(LabelledText::text).toList());
        float[][] vectors = backbone.embed(ready);
        return IntStream.range(0, vectors.length)
                .mapToObj(i -> new LabelledVector(
                        String.format(Locale.ROOT, "%s/%09d", split, i),
                        texts.get(i).label(),
                        texts.get(i).target(),
                        split,
                        vectors[i],
                        ready.get(i)))
                .toList();
    }

    /**
     * Measures the head on texts whose answers are known.
     *
     * @return {@code loss} and the compiled metrics, by name
     * @throws IllegalArgumentException if there is no text, or one of a class that the head does not have
     */
    public Map<String, Double> evaluate(List<LabelledText> texts) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("there are no texts to evaluate on");
        }
        shape.check(texts, "test", labels());
        try {
            Evaluation evaluation = LocalHead.evaluation(vectors(texts, Split.TEST), head.version());
            return new LinkedHashMap<>(compilation.figures(evaluation, head.task()));
        } catch (InterruptedException e) {
            throw Backbone.interrupted(e);
        }
    }

    /**
     * Probabilities.
     *
     * @param texts none or more
     * @return [text][class], each row adding up to 1, columns as {@link #labels}; for a regression [text][1], in the targets' unit
     * @throws IllegalArgumentException if a text is blank, telling which, from 0
     */
    public float[][] predict(List<String> texts) {
        return answers(head, texts);
    }

    private float[][] answers(Predictor predictor, List<String> texts) {
        List<String> ready = preprocessor.preprocess(texts);
        float[][] vectors = backbone.embed(ready);
        return IntStream.range(0, vectors.length)
                .mapToObj(i -> predictor.predict(vectors[i], ready.get(i)))
                .toArray(float[][]::new);
    }

    /**
     * The class of each text: the likeliest, or of two the second from the head's threshold on.
     *
     * @throws IllegalStateException if this is a regression
     */
    public List<String> predictLabels(List<String> texts) {
        Predictor now = head;
        if (now.task() == Task.REGRESSION) {
            throw new IllegalStateException("a regression has no labels: predict gives its numbers");
        }
        return Arrays.stream(answers(now, texts))
                .map(probabilities -> now.labels().get(now.choice(probabilities)))
                .toList();
    }

    /**
     * Writes a preset folder: {@code config.json}, {@code preprocessor.json}, {@code model.safetensors}, as
     * {@code sluice models export} does; {@code sluice models import} publishes it.
     *
     * @param folder made if it is not there
     * @throws UncheckedIOException if it cannot be written
     */
    public void saveToPreset(Path folder) {
        try {
            PresetFolder.write(folder, head.version());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the preset " + folder, e);
        }
    }

    /** Layers and parameters, as Keras' {@code model.summary()} prints them. */
    public String summary() {
        return Summary.of(head.version(), preprocessor);
    }

    /** Lets go of the backbone; nothing else may be called then. */
    @Override
    public void close() {
        embedder.close();
    }
}
