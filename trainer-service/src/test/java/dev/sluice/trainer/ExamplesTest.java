package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Vectors;
import dev.sluice.trainer.LearningTask.Wanted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExamplesTest {
    private final Examples examples = new Examples(false, Given.file());

    private void put(String id, String model, Instant embeddedAt, Split split, long offset) {
        var space = Given.space(model, 1);
        var post = Given.embedded(id, "a", split, 1)
                .setSpace(space)
                .setEmbeddedAt(embeddedAt)
                .build();
        examples.put(id, post, Given.place(0, offset));
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
        assertThat(examples.training(Wanted.AUTO)).isEqualTo(1);
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

        assertThat(examples.fresh(Wanted.AUTO, Given.lineage(Map.of(0, 6L)))).isEqualTo(1);
    }

    @Test
    void shouldBeFreshWhenItsTargetChanges() {
        for (int offset = 4; offset < 7; offset++) {
            var post = Given.embeddedNumber("1", offset < 6 ? 1.5 : 1.25, Split.TRAIN, 1);
            examples.put("1", post.build(), Given.place(0, offset));

            assertThat(examples.fresh(Wanted.AUTO, Given.lineage(Map.of(0, 5L))))
                    .isEqualTo(offset < 6 ? 0 : 1);
        }
    }

    @ParameterizedTest
    @CsvSource({"4,3", "5,2", "6,1"})
    void shouldCallFreshWhatStandsBehindTheLastFit(long readTo, long fresh) {
        put("1", "m", Given.TIME, Split.TRAIN, 4);
        put("2", "m", Given.TIME, Split.TRAIN, 5);
        put("3", "m", Given.TIME, Split.TRAIN, 6);
        put("4", "m", Given.TIME, Split.TEST, 7);

        assertThat(examples.fresh(Wanted.AUTO, Given.lineage(Map.of(0, readTo))))
                .isEqualTo(fresh);
    }

    @ParameterizedTest
    @CsvSource({"AUTO,2,1", "MULTICLASS,2,1", "BINARY,2,1", "REGRESSION,3,2"})
    void shouldCountWhatSaysSomethingOfTheTask(Wanted wanted, long training, long fresh) {
        put("1", "m", Given.TIME, Split.TRAIN, 4);
        put("2", "m", Given.TIME, Split.TRAIN, 5);
        for (int offset = 5; offset < 8; offset++) {
            examples.put(
                    "n" + offset,
                    Given.embeddedNumber("n" + offset, offset, Split.TRAIN, 1).build(),
                    Given.place(0, offset));
        }

        assertThat(examples.training(wanted)).isEqualTo(training);
        assertThat(examples.fresh(wanted, Given.lineage(Map.of(0, wanted == Wanted.REGRESSION ? 6L : 5L))))
                .isEqualTo(fresh);

        examples.remove("1");
        examples.remove("2");
        assertThat(examples.training(Wanted.AUTO)).as("no label is left").isEqualTo(3);
    }

    @Test
    void shouldCallAllFreshWhenTheirPartitionWasNotRead() {
        put("1", "m", Given.TIME, Split.TRAIN, 4);

        assertThat(examples.fresh(Wanted.AUTO, Given.lineage(Map.of(1, 100L)))).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"9,false", "10,true", "11,true"})
    void shouldForgetALineageWhenItsTopicIsShorter(long end, boolean kept) {
        Lineage lineage = Given.lineage(Map.of(0, 10L)).within(Given.lineage(Map.of(0, end)));

        assertThat(lineage.equals(Lineage.NOTHING)).isNotEqualTo(kept);
    }

    @ParameterizedTest
    @CsvSource({"9,false", "10,true", "11,true"})
    void shouldReachWhenEveryPartitionIsRead(long read, boolean reached) {
        assertThat(Given.lineage(Map.of(0, 10L, 1, read)).reaches(Given.lineage(Map.of(1, 10L))))
                .isEqualTo(reached);
    }

    private void putInBoth(String id, Instant embeddedAt, long offset) {
        examples.put(
                id,
                Given.embedded(id, "a", Split.TRAIN, 1)
                        .setSpace(Given.space("old", 1))
                        .setAlternatives(List.of(
                                new AlternativeEmbedding(Vectors.toBytes(new float[] {2}), Given.space("next", 1))))
                        .setEmbeddedAt(embeddedAt)
                        .build(),
                Given.place(0, offset));
    }

    private void reembed(String id, String text) {
        examples.putReembedded(
                id,
                Given.embedded(id, "a", Split.TRAIN, 3)
                        .setText(text)
                        .setSpace(Given.space("next", 1))
                        .build());
    }

    private static String idOf(String model) {
        return EmbeddingSpaces.idOf(Given.space(model, 1));
    }

    @Test
    void shouldHoldAllInTheNextSpaceWhenOldTextsWereEmbeddedAgainAndNewOnesCameInBoth() {
        put("1", "old", Given.TIME, Split.TRAIN, 0);
        put("2", "old", Given.TIME, Split.TRAIN, 1);
        putInBoth("3", Given.TIME.plusMillis(1), 2);
        reembed("1", "text of 1");

        Examples.Snapshot next = examples.snapshot(idOf("next"));

        assertThat(next.space()).isEqualTo(Given.space("next", 1));
        assertThat(next.learnable()).extracting(example -> example.vector()[0]).containsExactly(3f, 2f);
        assertThat(next.leftAside()).isEqualTo(1);
        assertThat(examples.snapshot().get().space().getModel()).isEqualTo("old");
        assertThat(examples.snapshot().get().learnable()).hasSize(3);
    }

    @Test
    void shouldTakeNoVectorOfAnotherTextWhenThePostHasChanged() {
        put("1", "old", Given.TIME, Split.TRAIN, 0);
        reembed("1", "what the post said before");

        assertThat(examples.snapshot(idOf("next")).learnable()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"old,old", "next,next", "unknown,old"})
    void shouldStayWithTheSpaceThatIsLiveWhenTheNewestExampleHasAVectorThere(String live, String learned) {
        put("1", "old", Given.TIME, Split.TRAIN, 0);
        putInBoth("2", Given.TIME.plusMillis(1), 1);

        examples.prefer(Optional.of(idOf(live)));

        assertThat(examples.space()).contains(idOf(learned));
        assertThat(examples.training(Wanted.AUTO)).isEqualTo(learned.equals("old") ? 2 : 1);
    }

    @Test
    void shouldLeaveTheLiveSpaceWhenTheNewestExampleIsNotOfIt() {
        put("1", "old", Given.TIME, Split.TRAIN, 0);
        put("2", "next", Given.TIME.plusMillis(1), Split.TRAIN, 1);

        examples.prefer(Optional.of(idOf("old")));

        assertThat(examples.space()).contains(idOf("next"));
    }

    @Test
    void shouldBeNoNewsWhenAPostComesAgainWithOneMoreSpace() {
        put("1", "old", Given.TIME, Split.TRAIN, 4);
        putInBoth("1", Given.TIME.plusMillis(9), 8);

        assertThat(examples.fresh(Wanted.AUTO, Given.lineage(Map.of(0, 5L)))).isZero();
        assertThat(examples.snapshot(idOf("next")).learnable()).hasSize(1);
    }

    @Test
    void shouldKnowASpaceByItsIdOrByTheModelThatOnlyItIsOf() {
        putInBoth("1", Given.TIME, 0);

        assertThat(examples.spaceNamed(idOf("next"))).isEqualTo(idOf("next"));
        assertThat(examples.spaceNamed("next")).isEqualTo(idOf("next"));
        assertThatThrownBy(() -> examples.spaceNamed("other"))
                .isInstanceOf(RefusedTrainingException.class)
                .hasMessageContaining("no labelled text")
                .hasMessageContaining(idOf("old"));
    }

    @Test
    void shouldRefuseAModelsNameWhenTwoSpacesAreOfIt() {
        putInBoth("1", Given.TIME, 0);
        examples.putReembedded(
                "1",
                Given.embedded("1", "a", Split.TRAIN, 3, 4)
                        .setSpace(Given.space("next", 2))
                        .build());

        assertThatThrownBy(() -> examples.spaceNamed("next")).hasMessageContaining("several spaces");
    }
}
