package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Split;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExamplesTest {
    private final Examples examples = new Examples();

    private void put(String id, String model, Instant embeddedAt, Split split, long offset) {
        var space = Given.space(model, 1);
        var post = Given.embedded(id, "a", split, 1)
                .setSpace(space)
                .setEmbeddedAt(embeddedAt)
                .build();
        examples.put(Example.of(id, post, new Example.Place(0, offset)), space);
    }

    @Test
    void shouldComeInTheSameOrderWhenPutInAnother() {
        List<String> ids = new ArrayList<>(
                IntStream.range(0, 100).mapToObj(i -> "post " + (i + 100)).toList());
        List<String> shuffled = new ArrayList<>(ids);
        Collections.shuffle(shuffled, new Random(1));

        shuffled.forEach(id -> put(id, "m", Given.TIME, Split.TRAIN, 0));

        assertThat(examples.snapshot().get().learnable())
                .extracting(Example::id)
                .isEqualTo(ids);
    }

    @Test
    void shouldChooseTheSpaceOfTheNewestExampleWhenThereAreTwo() {
        put("1", "old", Given.TIME, Split.TRAIN, 0);
        put("2", "new", Given.TIME.plusMillis(1), Split.TRAIN, 1);
        put("3", "old", Given.TIME, Split.TRAIN, 2);

        Examples.Snapshot snapshot = examples.snapshot().get();

        assertThat(snapshot.space().getModel()).isEqualTo("new");
        assertThat(snapshot.learnable()).extracting(Example::id).containsExactly("2");
        assertThat(snapshot.leftAside()).isEqualTo(2);
        assertThat(examples.training()).isEqualTo(1);
    }

    @Test
    void shouldComeBackToTheOlderSpaceWhenTheNewersExamplesAreWithdrawn() {
        put("1", "old", Given.TIME, Split.TRAIN, 0);
        put("2", "new", Given.TIME.plusMillis(1), Split.TRAIN, 1);

        examples.remove("2");

        assertThat(examples.snapshot().get().space().getModel()).isEqualTo("old");
        assertThat(examples.snapshot().get().leftAside()).isZero();
    }

    @Test
    void shouldNotBeFreshWhenTheSameExampleComesAgain() {
        put("1", "m", Given.TIME, Split.TRAIN, 4);
        put("2", "m", Given.TIME, Split.TRAIN, 5);

        put("1", "m", Given.TIME.plusMillis(1), Split.TRAIN, 6);
        put("2", "m", Given.TIME.plusMillis(1), Split.TEST, 7);
        put("2", "m", Given.TIME.plusMillis(1), Split.TRAIN, 8);

        assertThat(examples.fresh(new Lineage(Map.of(0, 6L)))).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"4,3", "5,2", "6,1"})
    void shouldCallFreshWhatStandsBehindTheLastFit(long readTo, long fresh) {
        put("1", "m", Given.TIME, Split.TRAIN, 4);
        put("2", "m", Given.TIME, Split.TRAIN, 5);
        put("3", "m", Given.TIME, Split.TRAIN, 6);
        put("4", "m", Given.TIME, Split.TEST, 7);

        assertThat(examples.fresh(new Lineage(Map.of(0, readTo)))).isEqualTo(fresh);
    }

    @Test
    void shouldCallAllFreshWhenTheirPartitionWasNotRead() {
        put("1", "m", Given.TIME, Split.TRAIN, 4);

        assertThat(examples.fresh(new Lineage(Map.of(1, 100L)))).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"9,false", "10,true", "11,true"})
    void shouldForgetALineageWhenItsTopicIsShorter(long end, boolean kept) {
        Lineage lineage = new Lineage(Map.of(0, 10L)).within(new Lineage(Map.of(0, end)));

        assertThat(lineage.equals(Lineage.NOTHING)).isNotEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({"9,false", "10,true", "11,true"})
    void shouldReachWhenEveryPartitionIsRead(long read, boolean reached) {
        assertThat(new Lineage(Map.of(0, 10L, 1, read)).reaches(new Lineage(Map.of(1, 10L))))
                .isEqualTo(reached);
    }
}
