package dev.sluice.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that choose posts from a data set, for every command that takes one. */
final class DataOptions {
    /** The name of the posts that come with Sluice, for commands that take something else when nothing is named. */
    private static final Path BUNDLED = Path.of("bundled");

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = {
                "Posts whose classes are known, or the numbers that they stand for: an archive (.tar.gz) or folder of"
                        + " [SPLIT/]CLASS/FILE, a table with a header (.csv, .tsv), JSON lines, lines of label, tab, text,"
                        + " or scaledata.tar.gz.",
                "bundled: the posts that come with Sluice."
            })
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description =
                    "What the posts are known by: multiclass, binary (labels), regression (numbers), or auto: told"
                            + " from the data (auto).")
    private TaskChoice task = TaskChoice.AUTO;

    @Option(
            names = "--classes",
            paramLabel = "REGEX",
            description = "Only the classes in which this is found, as '^sci\\.'.")
    private Optional<Pattern> classes = Optional.empty();

    @Option(
            names = "--per-class",
            paramLabel = "N",
            description =
                    "Only N training posts of each class (of numbers: in all), drawn by the seed. Without it: all.")
    private Optional<Integer> perClass = Optional.empty();

    @Option(
            names = "--test-per-class",
            paramLabel = "N",
            description = "As many test posts. Without it: a quarter of --per-class, else all.")
    private Optional<Integer> testPerClass = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of everything left to chance (1).")
    private long seed = 1;

    /** Whether a data set is named; otherwise the bundled one is meant. */
    boolean namesFile() {
        return file.isPresent();
    }

    long seed() {
        return seed;
    }

    TaskChoice task() {
        return task;
    }

    /** The chosen classes, every post of them. */
    DataSet data() {
        DataSet data = file.filter(named -> !named.equals(BUNDLED))
                .map(named -> DataSet.open(named, task))
                .orElseGet(DataSet::bundled);
        return classes.map(data::onlyClasses).orElse(data);
    }

    /** @throws ParameterException if a number is out of its range */
    Sampling sampling() {
        try {
            return new Sampling(perClass, testPerClass, seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** The chosen classes, the drawn posts. */
    DataSet sample() {
        return sampling().of(data());
    }
}
