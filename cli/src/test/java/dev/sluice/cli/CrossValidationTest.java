package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrossValidationTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void shouldTestOnEachPostOnceWhenFoldsAreMade(int folds) {
        DataSet data = posts(20, 100);

        List<DataSet> parts = CrossValidation.of(data, folds, 1);

        assertThat(parts).hasSize(folds);
        assertThat(parts.stream().flatMap(part -> part.of(Split.TEST).stream()).map(Post::getId))
                .containsExactlyInAnyOrderElementsOf(
                        data.posts().stream().map(Post::getId).toList());
        assertThat(parts).allSatisfy(part -> {
            assertThat(part.posts()).hasSize(120);
            assertThat(part.of(Split.TRAIN).size() + part.of(Split.TEST).size()).isEqualTo(120);
        });
    }

    @Test
    void shouldGiveEachFoldItsShareOfEachClassWhenClassesDifferInSize() {
        List<DataSet> parts = CrossValidation.of(posts(10, 100), 5, 1);

        assertThat(parts).allSatisfy(part -> assertThat(DataSetTest.countsOf(part, Split.TEST))
                .containsOnly(Map.entry("rare", 2L), Map.entry("usual", 20L)));
    }

    @Test
    void shouldMakeTheSameFoldsWhenOnlyTheOrderDiffersAndOthersWhenTheSeedDoes() {
        DataSet data = posts(20, 20);
        List<Post> turned = new ArrayList<>(data.posts());
        Collections.reverse(turned);

        assertThat(testsOf(CrossValidation.of(new DataSet("turned", turned), 4, 1)))
                .isEqualTo(testsOf(CrossValidation.of(data, 4, 1)));
        assertThat(testsOf(CrossValidation.of(data, 4, 2))).isNotEqualTo(testsOf(CrossValidation.of(data, 4, 1)));
    }

    @Test
    void shouldKeepCopiesInOneFoldWhenATextStandsTwice() {
        List<Post> posts = new ArrayList<>(posts(30, 30).posts());
        posts.addAll(posts.stream()
                .map(post -> Post.newBuilder(post)
                        .setId("copy of " + post.getId().orElseThrow())
                        .setLabel("copied")
                        .build())
                .toList());

        List<DataSet> parts = CrossValidation.of(new DataSet("twins", posts), 5, 1);

        assertThat(parts).allSatisfy(part -> assertThat(part.of(Split.TEST).stream()
                        .map(Post::getText)
                        .collect(Collectors.groupingBy(text -> text, Collectors.counting()))
                        .values())
                .containsOnly(2L));
    }

    @Test
    void shouldCutNumbersToo() {
        List<Post> posts = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            posts.add(Post.newBuilder()
                    .setId("p" + i)
                    .setText("t" + i)
                    .setTarget((double) i)
                    .build());
        }

        assertThat(CrossValidation.of(new DataSet("numbers", posts), 3, 1))
                .allSatisfy(part -> assertThat(part.of(Split.TEST)).hasSize(10));
    }

    @Test
    void shouldRefuseWhenThereAreTooFewFoldsOrPosts() {
        DataSet data = posts(1, 2);

        assertThat(CrossValidation.of(data, 3, 1)).hasSize(3);
        assertThatThrownBy(() -> CrossValidation.of(data, 1, 1)).hasMessageContaining("2 or more, not 1");
        assertThatThrownBy(() -> CrossValidation.of(data, 4, 1)).hasMessageContaining("3 different posts");
    }

    @Test
    void shouldNameTheRoundsByFoldWhenADemoCrossValidates() {
        Draws draws = Draws.ofFolds(posts(10, 10), Sampling.all().withSeed(9), 2);

        assertThat(draws.rounds()).extracting(Draws.Round::name).containsExactly("fold-1", "fold-2");
        assertThat(draws.rounds()).extracting(Draws.Round::seed).containsOnly(9L);
        assertThat(draws.union()).hasSize(20);
        assertThat(new Draws.Round(3, Optional.empty(), posts(1, 1)).name()).isEqualTo("seed-3");
    }

    private static List<List<String>> testsOf(List<DataSet> parts) {
        return parts.stream()
                .map(part -> part.of(Split.TEST).stream()
                        .map(post -> post.getId().orElseThrow())
                        .sorted()
                        .toList())
                .toList();
    }

    private static DataSet posts(int rare, int usual) {
        List<Post> posts = new ArrayList<>();
        for (int i = 0; i < rare + usual; i++) {
            posts.add(Post.newBuilder()
                    .setId("p" + i)
                    .setText("text " + i)
                    .setLabel(i < rare ? "rare" : "usual")
                    .setSplit(i % 2 == 0 ? Split.TRAIN : Split.TEST)
                    .build());
        }
        return new DataSet("posts", posts);
    }
}
