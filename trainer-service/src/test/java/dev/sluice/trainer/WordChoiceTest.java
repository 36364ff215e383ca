package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.Vectors;
import dev.sluice.schemas.Vocabulary;
import dev.sluice.schemas.WordCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordChoiceTest {
    /** "w0" in one text, "w1" in two, and so on; each text's words stand in sentences of one word, so no pair repeats. */
    private static List<WordCounts> texts(int words) {
        List<WordCounts> texts = new ArrayList<>();
        for (int word = 0; word < words; word++) {
            for (int i = 0; i <= word; i++) {
                texts.add(WordCounts.of("w" + word));
            }
        }
        return texts;
    }

    private static boolean knows(Vocabulary vocabulary, String word) {
        return vocabulary.known(WordCounts.of(word)).words().length == 1;
    }

    @Test
    void shouldKnowAWordWhenItOccursInTwoTexts() {
        Vocabulary vocabulary = WordChoice.of(texts(3), 100);

        assertThat(vocabulary.size()).isEqualTo(2);
        assertThat(knows(vocabulary, "w0")).isFalse();
        assertThat(knows(vocabulary, "w1")).isTrue();
    }

    @Test
    void shouldNotKnowAWordWhenOneTextRepeatsIt() {
        assertThat(WordChoice.of(List.of(WordCounts.of("orbit. orbit")), 100).size())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "2,2", "4,4", "5,4"})
    void shouldKeepWhatOccursInMostTextsWhenThereAreTooMany(int most, int kept) {
        Vocabulary vocabulary = WordChoice.of(texts(5), most);

        assertThat(vocabulary.size()).isEqualTo(kept);
        assertThat(IntStream.range(5 - kept, 5).allMatch(i -> knows(vocabulary, "w" + i)))
                .isTrue();
    }

    @Test
    void shouldTakeTheSameNumberWhenWordsOccurEquallyOften() {
        List<WordCounts> texts = List.of(WordCounts.of("red green blue"), WordCounts.of("blue red green"));

        // besides the three words no pair occurs twice but "red green"
        assertThat(IntStream.of(0, 1, 2, 3, 4, 9)
                        .map(most -> WordChoice.of(texts, most).size()))
                .containsExactly(0, 1, 2, 3, 4, 4);
    }

    @Test
    void shouldWeighAWordByItsInverseDocumentFrequencyWhenChosen() {
        // three texts; "w1" stands in two of them
        List<WordCounts> texts = List.of(WordCounts.of("w1"), WordCounts.of("w1"), WordCounts.of("w2"));

        float[] frequencies = Vectors.fromBytes(WordChoice.of(texts, 9)
                .asRecord()
                .setWeights(Vectors.toBytes(new float[0]))
                .build()
                .getFrequencies());

        assertThat(frequencies).hasSize(1);
        assertThat((double) frequencies[0]).isEqualTo(Math.log(4.0 / 3) + 1, within(1e-6));
    }

    @Test
    void shouldFindEveryWordWhenThereAreManyThousands() {
        List<WordCounts> texts = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            texts.add(WordCounts.of("x" + i / 2));
        }

        assertThat(WordChoice.of(texts, 100_000).size()).isEqualTo(10_000);
    }
}
