package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.WordCounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExampleFileTest {
    @TempDir
    Path folder;

    private ExampleFile file() {
        return new ExampleFile(folder);
    }

    private static Row row(int length, float from) {
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = from + i;
        }
        return Row.of(numbers);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 384, 1_048_575, 1_048_576, 1_048_577})
    void shouldGiveBackWhatWasStoredWhateverItsLength(int length) {
        ExampleFile file = file();

        List<Row> stored =
                IntStream.range(0, 3).mapToObj(i -> file.store(row(length, i))).toList();

        for (int i = 0; i < stored.size(); i++) {
            assertThat(stored.get(i).length()).isEqualTo(length);
            assertThat(stored.get(i).read()).isEqualTo(row(length, i).read());
            assertThat(stored.get(i).read(new float[length]))
                    .isEqualTo(row(length, i).read());
        }
    }

    @Test
    void shouldGiveBackCountedWordsWhenVectorsLieBetweenThem() {
        ExampleFile file = file();
        List<String> texts = List.of("", "orbit", "the pitcher threw\n\nthe ball, the ball and the ball");

        List<Supplier<WordCounts>> stored = new ArrayList<>();
        for (String text : texts) {
            stored.add(file.store(WordCounts.of(text)));
            file.store(row(5, 1));
        }

        assertThat(stored)
                .extracting(Supplier::get)
                .isEqualTo(texts.stream().map(WordCounts::of).toList());
    }

    @Test
    void shouldOverwriteWhatIsFreedAndGiveItsRoomToTheNextOfThatSize() {
        ExampleFile file = file();
        Row gone = file.store(row(384, 1));
        Row beside = file.store(row(384, 2));

        file.free(gone);

        assertThat(gone.read()).containsOnly(0);
        Row next = file.store(row(383, 7));
        assertThat(next.read()).isEqualTo(row(383, 7).read());
        assertThat(gone.read()).as("the same room").startsWith(7, 8, 9);
        assertThat(file.store(row(384, 3)).read()).isEqualTo(row(384, 3).read());
        assertThat(next.read()).isEqualTo(row(383, 7).read());
        assertThat(beside.read()).isEqualTo(row(384, 2).read());
    }

    @Test
    void shouldNotGrowWhenExamplesComeAndGo() throws IOException {
        ExampleFile file = file();
        long before = mapped();

        for (int i = 0; i < 20_000; i++) {
            file.free(file.store(row(384, i)));
        }

        assertThat(mapped() - before).as("parts of 4 MB").isLessThanOrEqualTo(1);
    }

    /** How many parts of files in the folder this process has mapped, or had to leave to the collector. */
    private long mapped() throws IOException {
        Path maps = Path.of("/proc/self/maps");
        if (!Files.exists(maps)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(maps)) {
            return lines.filter(line -> line.contains(folder.toString())).count();
        }
    }

    @Test
    void shouldKeepWhatAFitReadsUntilItIsLetGo() {
        ExampleFile file = file();
        Row read = file.store(row(384, 1));

        file.hold();
        file.free(read);
        Row meanwhile = file.store(row(384, 2));

        assertThat(read.read()).isEqualTo(row(384, 1).read());
        assertThat(meanwhile.read()).isEqualTo(row(384, 2).read());
        file.letGo();
        assertThat(read.read()).containsOnly(0);
        assertThat(meanwhile.read()).isEqualTo(row(384, 2).read());
    }

    @Test
    void shouldLeaveNoNameBehindWhileItIsInUse() throws IOException {
        file().store(row(384, 1));

        if (Files.exists(Path.of("/proc/self/maps"))) { // where files may be without a name
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void shouldGoOnReadingWhatWasStoredWhenAllIsForgotten() {
        ExampleFile file = file();
        Row old = file.store(row(384, 1));

        file.clear();
        Row next = file.store(row(384, 2));

        assertThat(old.read()).isEqualTo(row(384, 1).read());
        assertThat(next.read()).isEqualTo(row(384, 2).read());
    }

    @Test
    void shouldSayWhichFolderAndWhatToDoWhenItCannotBeWrittenTo() throws IOException {
        Path taken = Files.createFile(folder.resolve("taken"));

        assertThatThrownBy(() -> new ExampleFile(taken.resolve("folder")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(taken.toString())
                .hasMessageContaining(TrainerConfig.EXAMPLES_DIR);
    }

    @Test
    void shouldHoldNothingOfAnExampleWhenItIsReplacedOrRemoved() {
        Examples examples = new Examples(true, file());
        examples.put("1", post("1", 1, 2), Given.place(0, 0));
        Example first = examples.snapshot().orElseThrow().learnable().get(0);

        examples.put("1", post("1", 3, 4), Given.place(0, 1));
        assertThat(first.vector()).isIn(new float[] {0, 0}, new float[] {3, 4}); // its room may be taken by now
        Example second = examples.snapshot().orElseThrow().learnable().get(0);
        assertThat(second.vector()).containsExactly(3, 4);
        assertThat(second.countedWords()).isEqualTo(WordCounts.of("text of 1"));

        examples.remove("1");
        assertThat(second.vector()).containsExactly(0, 0);
        assertThatThrownBy(second::countedWords).as("zeros are no words").isInstanceOf(RuntimeException.class);
    }

    @Test
    void shouldEraseVectorsMadeAfterwardsWhenTheyAreReplacedOrRemoved() {
        Examples examples = new Examples(false, file());
        examples.put("1", post("1", 1, 2), Given.place(0, 0));
        examples.putReembedded("1", again("1", 5));
        String next = examples.spaceNamed("next");
        Example seen = examples.snapshot(next).learnable().get(0);
        assertThat(seen.vector()).containsExactly(5);

        examples.putReembedded("1", again("1", 6));
        Example later = examples.snapshot(next).learnable().get(0);
        assertThat(later.vector()).containsExactly(6);

        examples.removeReembedded("1");
        assertThat(later.vector()).containsExactly(0);
    }

    private static EmbeddedPost post(String id, float... vector) {
        return Given.embedded(id, "a", Split.TRAIN, vector).build();
    }

    private static EmbeddedPost again(String id, float... vector) {
        return Given.embedded(id, "a", Split.TRAIN, vector)
                .setSpace(Given.space("next", vector.length))
                .build();
    }

    @Test
    void shouldFitTheSameWeightsFromAFileAsFromArrays() throws InterruptedException {
        Hyperparameters parameters = Given.parameters("epochs", "3", "words", "auto");
        ExampleFile file = file();
        List<Example> arrays = Given.clouds(40, Split.TRAIN, 1);
        List<Example> stored = arrays.stream().map(example -> example.in(file)).toList();

        ModelTrainer.Fit ofArrays = fit(arrays, parameters);
        ModelTrainer.Fit ofFile = fit(stored, parameters);

        assertThat(ofFile.network()).isEqualTo(ofArrays.network());
        assertThat(ofFile.wide()).isEqualTo(ofArrays.wide());
        assertThat(ofFile.selfTest()).isEqualTo(ofArrays.selfTest());
        assertThat(DatasetFingerprint.of(stored)).isEqualTo(DatasetFingerprint.of(arrays));
    }

    private static ModelTrainer.Fit fit(List<Example> examples, Hyperparameters parameters)
            throws InterruptedException {
        return new ModelTrainer(Splits.of(examples, parameters), parameters, new RecordedProgress()).fit();
    }
}
