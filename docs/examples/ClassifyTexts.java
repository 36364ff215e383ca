import dev.sluice.models.FitOptions;
import dev.sluice.models.History;
import dev.sluice.models.LabelledText;
import dev.sluice.models.TextClassifier;
import java.nio.file.Path;
import java.util.List;

/** Trains, asks, saves and loads a classifier without a broker; docs/textclassifier.md says how it is run. Argument: [FOLDER] */
class ClassifyTexts {
    private static final List<LabelledText> TRAIN = List.of(
            LabelledText.of("The shuttle reached its orbit after eight minutes", "space"),
            LabelledText.of("A probe sent pictures of the rings of Saturn", "space"),
            LabelledText.of("The crew of the station repaired a solar panel", "space"),
            LabelledText.of("Fry the onions gently until they are golden", "kitchen"),
            LabelledText.of("Whisk the eggs with sugar and a little salt", "kitchen"),
            LabelledText.of("Let the dough rest for an hour before you bake it", "kitchen"),
            LabelledText.of("The goalkeeper saved a penalty in the last minute", "sport"),
            LabelledText.of("She won the marathon in a little over two hours", "sport"),
            LabelledText.of("The team lost the final after extra time", "sport"));

    private static final List<LabelledText> VALIDATION = List.of(
            LabelledText.of("A rocket carries a satellite beyond the moon", "space"),
            LabelledText.of("Boil the potatoes and add some butter", "kitchen"),
            LabelledText.of("The striker scored twice before the break", "sport"));

    public static void main(String[] args) {
        Path folder = Path.of(args.length > 0 ? args[0] : "my-preset");
        try (TextClassifier classifier = TextClassifier.fromPreset("minilm_l6_en", 3)) {
            classifier.compile("adam", "auto", "accuracy");
            System.out.print(classifier.summary());

            History history = classifier.fit(TRAIN, VALIDATION, FitOptions.defaults().epochs(30).batchSize(4));
            System.out.println("val_accuracy " + history.last("val_accuracy"));

            float[][] probabilities = classifier.predict(List.of("Mars has two small moons"));
            System.out.println(classifier.labels() + " " + probabilities[0].length);
            System.out.println(classifier.predictLabels(List.of("Mars has two small moons", "Add a spoon of flour")));

            classifier.saveToPreset(folder);
        }
        try (TextClassifier again = TextClassifier.fromPreset(folder.toString())) {
            System.out.println(again.evaluate(VALIDATION).keySet() + " " + again.labels());
        }
    }
}
