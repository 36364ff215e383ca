package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AnswerTextsTest {
    private final FakeEmbeddingModel model = new FakeEmbeddingModel();
    private final Map<Integer, Answer> answers = new TreeMap<>();

    private void answer(int fitting, List<String> texts) throws InterruptedException {
        new AnswerTexts(model, rest -> Math.min(fitting, rest.size()))
                .of(texts, (answer, position) -> assertThat(answers.put(position, answer))
                        .isNull());
    }

    private List<Integer> refused() {
        return answers.entrySet().stream()
                .filter(it -> it.getValue().refusal().isPresent())
                .map(Map.Entry::getKey)
                .toList();
    }

    @Test
    void shouldAskForAllAtOnceWhenTheyFit() throws Exception {
        answer(100, List.of("a", "bb", "ccc"));

        assertThat(model.calls).containsExactly(List.of("a", "bb", "ccc"));
        assertThat(answers.values())
                .extracting(it -> it.vector().orElseThrow()[0])
                .containsExactly(1f, 2f, 3f);
    }

    @Test
    void shouldMakeSeveralCallsWhenTheyDoNotFit() throws Exception {
        answer(2, List.of("a", "b", "c"));
        assertThat(model.calls).containsExactly(List.of("a", "b"), List.of("c"));
        assertThat(answers).hasSize(3);
    }

    @Test
    void shouldRefuseTheCulpritsAloneWhenTheModelRefusesACall() throws Exception {
        for (int bad = 0; bad < 7; bad++) {
            answers.clear();
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                texts.add(i == bad || i == 6 ? "refuse me" : "good");
            }

            answer(100, texts);

            assertThat(answers).hasSize(7);
            assertThat(refused()).containsExactlyElementsOf(bad == 6 ? List.of(6) : List.of(bad, 6));
        }
    }

    @Test
    void shouldRefuseATextAloneAndAskOnceWhenItsVectorIsOfNoUse() throws Exception {
        answer(100, List.of("a", "spoil me", "ccc"));

        assertThat(refused()).containsExactly(1);
        assertThat(answers.get(2).vector())
                .hasValueSatisfying(it -> assertThat(it).containsExactly(3, 1));
        assertThat(model.calls).hasSize(1);
    }

    @Test
    void shouldFindOneCulpritOfAHundredInFifteenCallsAtMost() throws Exception {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            texts.add(i == 37 ? "refuse me" : "good " + i);
        }

        answer(100, texts);

        assertThat(refused()).containsExactly(37);
        assertThat(model.calls).hasSizeLessThanOrEqualTo(15);
    }

    @Test
    void shouldHandOnWhatIsAnsweredWhenALaterCallFails() {
        AnswerTexts answerTexts = new AnswerTexts(model, rest -> 1);

        assertThatThrownBy(() -> answerTexts.of(List.of("a", "b"), (answer, position) -> {
                    answers.put(position, answer);
                    model.failures.add(new ProviderMisconfiguredException("the key was withdrawn"));
                }))
                .isInstanceOf(ProviderMisconfiguredException.class);
        assertThat(answers).containsOnlyKeys(0);
    }
}
