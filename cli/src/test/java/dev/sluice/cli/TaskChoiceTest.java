package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Post;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskChoiceTest {
    @ParameterizedTest
    @CsvSource({"9, false", "10, false", "11, true"})
    void shouldTakeLabelsForNumbersWhenThereAreMoreDifferentOnesThanClassesMostlyAre(int different, boolean numbers) {
        List<Post> posts = IntStream.range(0, 40)
                .mapToObj(i -> post("p" + i, Optional.of(" " + (i % different) / 2.0), Optional.empty()))
                .toList();

        TaskChoice.Understood understood = TaskChoice.AUTO.understand(posts);

        assertThat(understood.posts())
                .allSatisfy(post -> assertThat(post.getTarget().isPresent()).isEqualTo(numbers));
        assertThat(understood.posts())
                .allSatisfy(post -> assertThat(post.getLabel().isPresent()).isNotEqualTo(numbers));
        assertThat(understood.note().isPresent()).isEqualTo(numbers);
        understood.note().ifPresent(note -> assertThat(note).contains("11 different ones", "--task multiclass"));
    }

    @ParameterizedTest
    @CsvSource({"0, 12, 60, true", "1, 12, 60, true", "2, 12, 60, false", "0, 12, 59, false", "0, 12, 61, true"})
    void shouldTakeNumbersForClassesWhenTheyCountOnAsIdsDo(int first, int different, int posts, boolean classes) {
        TaskChoice.Understood understood = TaskChoice.AUTO.understand(IntStream.range(0, posts)
                .mapToObj(i -> post("p" + i, Optional.of("" + (first + i % different)), Optional.empty()))
                .toList());

        assertThat(understood.posts().get(0).getLabel().isPresent()).isEqualTo(classes);
        assertThat(understood.note().orElseThrow()).contains(classes ? "--task regression" : "--task multiclass");
    }

    @ParameterizedTest
    @CsvSource({"2, 1, --task binary", "10, 1, --task multiclass", "11, 1, ''", "2, 2, ''"})
    void shouldNameTheTaskWhenNumbersMayBeClasses(int different, double divisor, String cure) {
        TaskChoice.Understood understood = TaskChoice.AUTO.understand(IntStream.range(0, 22)
                .mapToObj(i -> post("p" + i, Optional.empty(), Optional.of((i % different) / divisor)))
                .toList());

        assertThat(understood.posts().get(0).getTarget()).isPresent();
        assertThat(understood.note().orElse("")).contains(cure);
        assertThat(understood.note().isEmpty()).isEqualTo(cure.isEmpty());
    }

    @Test
    void shouldKeepLabelsWhenOneIsNoNumber() {
        List<Post> posts = Stream.concat(
                        IntStream.range(0, 40).mapToObj(i -> post("p" + i, Optional.of("" + i), Optional.empty())),
                        Stream.of(post("last", Optional.of("none"), Optional.empty())))
                .toList();

        assertThat(TaskChoice.AUTO.understand(posts).posts()).isEqualTo(posts);
    }

    @Test
    void shouldLeaveNumbersAsideWhenOtherPostsHaveLabels() {
        Post labelled = post("a", Optional.of("x"), Optional.empty());
        Post both = post("b", Optional.of("y"), Optional.of(1.0));
        Post number = post("c", Optional.empty(), Optional.of(2.0));

        TaskChoice.Understood auto = TaskChoice.AUTO.understand(List.of(labelled, both, number));

        assertThat(auto.posts()).containsExactly(labelled, both);
        assertThat(auto.note().orElseThrow()).contains("1 post has a number and no label", "--task regression");
        assertThat(TaskChoice.REGRESSION.understand(List.of(both, number)).posts())
                .containsExactly(post("b", Optional.empty(), Optional.of(1.0)), number);
        assertThatThrownBy(() -> TaskChoice.REGRESSION.understand(List.of(labelled)))
                .hasMessageContaining("the post a has no number (x)");
    }

    @Test
    void shouldTakeWhatIsSaidWhenTheTaskIsNamed() {
        List<Post> stars = List.of(
                post("a", Optional.empty(), Optional.of(3.0)),
                post("b", Optional.empty(), Optional.of(0.5)),
                post("c", Optional.of("4"), Optional.empty()));

        assertThat(TaskChoice.MULTICLASS.understand(stars).posts())
                .extracting(post -> post.getLabel().orElseThrow())
                .containsExactly("3", "0.5", "4");
        assertThat(TaskChoice.REGRESSION.understand(stars).posts())
                .extracting(post -> post.getTarget().orElseThrow())
                .containsExactly(3.0, 0.5, 4.0);
        assertThat(TaskChoice.AUTO.understand(stars.subList(0, 2)).posts()).isEqualTo(stars.subList(0, 2));
    }

    @ParameterizedTest
    @CsvSource({"3, true", "-.5, true", "1e3, true", "+2., true", "1e999, false", "NaN, false", "'1,5', false"})
    void shouldKnowANumberWhenItIsOne(String text, boolean number) {
        assertThat(Numbers.of(text).isPresent()).isEqualTo(number);
    }

    private static Post post(String id, Optional<String> label, Optional<Double> target) {
        return Post.newBuilder()
                .setId(id)
                .setText("text")
                .setLabel(label.orElse(null))
                .setTarget(target.orElse(null))
                .build();
    }
}
