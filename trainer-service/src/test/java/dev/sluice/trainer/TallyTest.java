package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Vectors;
import dev.sluice.trainer.LearningTask.Wanted;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TallyTest {
    private static final List<String> SPACES = List.of("a", "b", "c");
    private static final Set<String> SPACE = Set.of("s");
    private static final int SEEDS = 50;
    private static final int TURNS = 120;

    /** The same life told to {@link Examples} and to a map that is counted through. */
    private static final class Life {
        private final Examples examples = new Examples(false, Given.file());
        private final Map<String, Example> labelled = new HashMap<>();
        private final Map<String, EmbeddedPost> again = new HashMap<>();
        private final Random random;
        private Optional<String> preferred = Optional.empty();
        private long offset;

        Life(long seed) {
            random = new Random(seed);
        }

        void turn() {
            String id = "post " + random.nextInt(8); // few, so that most is replaced or removed again
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3, 4, 5, 6, 7 -> put(id);
                case 8, 9, 10 -> remove(id);
                case 11, 12 -> putAgain(id);
                case 13 -> removeAgain(id);
                case 14 -> prefer();
                default -> clearSometimes();
            }
        }

        private void put(String id) {
            EmbeddedPost post = post(id);
            TopicFollower.Place place = Given.place(random.nextInt(2), offset++);
            examples.put(id, post, place);
            Example example = Example.of(id, post, place, false);
            labelled.merge(id, example, (known, now) -> known.teachesTheSameAs(now) ? now.inPlaceOf(known) : now);
        }

        private EmbeddedPost post(String id) {
            boolean numbered = random.nextInt(3) == 0;
            Post post = Post.newBuilder()
                    .setId(id)
                    .setText(id)
                    .setLabel(numbered && random.nextBoolean() ? null : "label")
                    .setTarget(numbered ? 1.0 : null)
                    .setSplit(random.nextInt(3) == 0 ? Split.TEST : Split.TRAIN)
                    .build();
            String other = anySpace();
            EmbeddedPost.Builder embedded = embedded(id, anySpace()).setPost(post);
            return random.nextBoolean() || other.equals(embedded.getSpace().getModel())
                    ? embedded.build()
                    : embedded.setAlternatives(List.of(
                                    new AlternativeEmbedding(Vectors.toBytes(new float[] {2}), Given.space(other, 1))))
                            .build();
        }

        /** Texts and times are few: some come again, and some are as old as others. */
        private EmbeddedPost.Builder embedded(String id, String space) {
            return Given.embedded(id, "label", Split.TRAIN, 1)
                    .setText("text " + random.nextInt(2))
                    .setSpace(Given.space(space, 1))
                    .setEmbeddedAt(Given.TIME.plusMillis(random.nextInt(4)));
        }

        private String anySpace() {
            return SPACES.get(random.nextInt(SPACES.size()));
        }

        private void remove(String id) {
            examples.remove(id);
            labelled.remove(id);
        }

        private void putAgain(String id) {
            EmbeddedPost embedded = embedded(id, anySpace()).build();
            examples.putReembedded(id, embedded);
            again.put(id, embedded);
        }

        private void removeAgain(String id) {
            examples.removeReembedded(id);
            again.remove(id);
        }

        private void prefer() {
            preferred = random.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(EmbeddingSpaces.idOf(Given.space(anySpace(), 1)));
            examples.prefer(preferred);
        }

        private void clearSometimes() {
            if (random.nextInt(8) == 0) {
                examples.clear();
                labelled.clear();
                again.clear();
                preferred = Optional.empty();
            }
        }

        private SlowCount slow() {
            return new SlowCount(labelled.values().stream().map(this::complete).toList(), preferred);
        }

        private Example complete(Example example) {
            return Optional.ofNullable(again.get(example.id()))
                    .filter(it -> Example.hashOf(it.getText()) == example.textHash())
                    .map(it -> example.with(SpaceVectors.of(it)))
                    .orElse(example);
        }

        /** Now and then measured by another fit, as when one has ended. */
        private Lineage anyFit() {
            long read = offset / 10 * 10;
            return switch (random.nextInt(3)) {
                case 0 -> Lineage.NOTHING;
                case 1 -> Given.lineage(Map.of(0, read));
                default -> Given.lineage(Map.of(0, read, 1, read));
            };
        }
    }

    @Test
    void shouldCountAsOneWhoLooksAtAllExamplesWhenTheyComeAndGo() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Life life = new Life(seed);
            for (int turn = 0; turn < TURNS; turn++) {
                life.turn();
                SlowCount slow = life.slow();
                Lineage fit = life.anyFit();
                String where = "seed " + seed + ", turn " + turn;

                assertThat(life.examples.space()).as(where).isEqualTo(slow.space());
                for (Wanted wanted : Wanted.values()) {
                    assertThat(life.examples.training(wanted))
                            .as("%s, training %s", where, wanted)
                            .isEqualTo(slow.fresh(wanted, Lineage.NOTHING));
                    assertThat(life.examples.fresh(wanted, fit))
                            .as("%s, fresh %s since %s", where, wanted, fit)
                            .isEqualTo(slow.fresh(wanted, fit));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"5,1", "6,2", "7,3"})
    void shouldNotLookAtAllAgainWhenItIsAskedAboutTheSameFit(long next, long fresh) {
        Tally tally = new Tally();
        Lineage fit = Given.lineage(Map.of(0, 5L));
        tally.add(example("first", 5), SPACE);
        assertThat(tally.fresh("s", Wanted.AUTO, fit, () -> Stream.of(example("first", 5))))
                .isEqualTo(1);

        for (long offset = 6; offset <= next; offset++) {
            tally.add(example("then" + offset, offset), SPACE);
        }

        assertThat(tally.fresh("s", Wanted.AUTO, fit, () -> {
                    throw new AssertionError("looks at all");
                }))
                .isEqualTo(fresh);
    }

    private static Example example(String id, long offset) {
        return Example.of(id, Given.embedded(id, "a", Split.TRAIN, 1).build(), Given.place(0, offset), false);
    }
}
