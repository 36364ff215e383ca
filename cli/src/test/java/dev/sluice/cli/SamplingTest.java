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
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class SamplingTest {
    private final DataSet data = posts(50);

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 1", "4, 1", "5, 1", "7, 1", "8, 2", "9, 2", "40, 10"})
    void shouldTakeAQuarterAsManyTestPostsWhenNothingElseIsSaid(int perClass, int test) {
        DataSet sample = sampling(perClass, null, 1).of(data);

        assertThat(DataSetTest.countsOf(sample, Split.TRAIN))
                .containsOnly(Map.entry("a", (long) perClass), Map.entry("b", (long) perClass));
        assertThat(DataSetTest.countsOf(sample, Split.TEST))
                .containsOnly(Map.entry("a", (long) test), Map.entry("b", (long) test));
    }

    @Test
    void shouldTakeWhatIsSaidWhenTestPostsAreCounted() {
        assertThat(sampling(4, 3, 1).of(data).of(Split.TEST)).hasSize(6);
        assertThat(sampling(4, 0, 1).of(data).of(Split.TEST)).isEmpty();
        assertThat(sampling(null, 3, 1).of(data).of(Split.TRAIN)).hasSize(100);
        assertThat(sampling(null, 3, 1).of(data).of(Split.TEST)).hasSize(6);
    }

    @Test
    void shouldTakeAllWhenAClassHasFewer() {
        assertThat(sampling(49, null, 1).of(data).of(Split.TRAIN)).hasSize(98);
        assertThat(sampling(50, null, 1).of(data).of(Split.TRAIN)).hasSize(100);
        assertThat(sampling(51, null, 1).of(data).of(Split.TRAIN)).hasSize(100);
    }

    @Test
    void shouldDrawTheSamePostsWhenOnlyTheOrderOfTheFileDiffers() {
        List<Post> turned = new ArrayList<>(data.posts());
        Collections.reverse(turned);

        assertThat(sampling(10, null, 7).of(new DataSet("turned", turned)).posts())
                .isEqualTo(sampling(10, null, 7).of(data).posts());
    }

    @Test
    void shouldDrawTheSamePostsOfAClassWhenOthersAreLeftOut() {
        DataSet onlyB = data.onlyClasses(Pattern.compile("b"));

        assertThat(sampling(10, null, 7).of(onlyB).posts())
                .isEqualTo(sampling(10, null, 7).of(data).posts().stream()
                        .filter(post -> DataSet.labelOf(post).equals("b"))
                        .toList());
    }

    @Test
    void shouldDrawOtherPostsWhenTheSeedDiffers() {
        assertThat(sampling(10, null, 1).of(data).posts())
                .isNotEqualTo(sampling(10, null, 2).of(data).posts());
    }

    @Test
    void shouldKeepEverythingWhenNoNumberIsGiven() {
        assertThat(Sampling.all().of(data)).isEqualTo(data);
    }

    @Test
    void shouldRefuseWhenANumberIsOutOfRange() {
        assertThatThrownBy(() -> sampling(0, null, 1)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> sampling(1, -1, 1)).hasMessageContaining("-1");
    }

    @Test
    void shouldReadTheOptionsWhenACommandMixesThemIn() {
        DataOptions given = parse("--classes", "^c", "--per-class", "4", "--seed", "9");
        DataOptions none = parse();

        assertThat(given.sampling()).isEqualTo(sampling(4, null, 9));
        assertThat(given.sample().classes()).containsExactly("cooking", "cycling");
        assertThat(given.sample().posts()).hasSize(10);
        assertThat(none.sampling().draws()).isFalse();
        assertThat(none.namesFile()).isFalse();
        assertThat(none.data()).isEqualTo(DataSet.bundled());
        assertThat(parse("--data", "bundled").data()).isEqualTo(DataSet.bundled());
        assertThatThrownBy(() -> parse("--per-class", "0").sampling())
                .isInstanceOf(CommandLine.ParameterException.class)
                .hasMessageContaining("not 0");
    }

    private static DataOptions parse(String... arguments) {
        Mixed command = new Mixed();
        new CommandLine(command).parseArgs(arguments);
        return command.options;
    }

    @CommandLine.Command
    private static final class Mixed {
        @CommandLine.Mixin
        private DataOptions options;
    }

    private static Sampling sampling(Integer perClass, Integer testPerClass, long seed) {
        return new Sampling(Optional.ofNullable(perClass), Optional.ofNullable(testPerClass), seed);
    }

    private static DataSet posts(int perClass) {
        List<Post> posts = new ArrayList<>();
        for (Split split : List.of(Split.TRAIN, Split.TEST)) {
            for (String label : List.of("b", "a")) {
                for (int i = 0; i < perClass; i++) {
                    posts.add(Post.newBuilder()
                            .setId(label + "/" + split + i)
                            .setText("text")
                            .setLabel(label)
                            .setSplit(split)
                            .build());
                }
            }
        }
        return new DataSet("test", posts);
    }
}
