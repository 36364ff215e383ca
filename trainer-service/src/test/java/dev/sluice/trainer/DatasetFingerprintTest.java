package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Split;
import java.util.List;
import org.junit.jupiter.api.Test;

class DatasetFingerprintTest {
    private static final Example ONE = Given.example("a", "x", Split.TRAIN, 1, 2);
    private static final Example OTHER = Given.example("b", "y", Split.TEST, 3, -0.5f);

    @Test
    void shouldBeWhatAnotherLanguageReckonsWhenItFollowsTheSchema() {
        // Python: h = sha256(); for each of ('a', 'x', 'TRAIN', (1, 2)) and ('b', 'y', 'TEST', (3, -.5)):
        //   for t in the texts: h.update(pack('>i', len(t)) + t); h.update(sha256(pack('<2f', *vector)).digest())
        assertThat(DatasetFingerprint.of(List.of(ONE, OTHER)))
                .isEqualTo("ae14461a25c0ccea55dc260f26040b540212e19374564817e2a4fea292ae35dd");
    }

    @Test
    void shouldBeTheSameWhenTheExamplesComeInAnotherOrder() {
        assertThat(DatasetFingerprint.of(List.of(OTHER, ONE))).isEqualTo(DatasetFingerprint.of(List.of(ONE, OTHER)));
    }

    @Test
    void shouldBeAnotherWhenAnythingOfAnExampleIs() {
        assertThat(List.of(
                        DatasetFingerprint.of(List.of()),
                        DatasetFingerprint.of(List.of(ONE)),
                        DatasetFingerprint.of(List.of(ONE, OTHER)),
                        DatasetFingerprint.of(List.of(Given.example("c", "x", Split.TRAIN, 1, 2))),
                        DatasetFingerprint.of(List.of(Given.example("a", "y", Split.TRAIN, 1, 2))),
                        DatasetFingerprint.of(List.of(Given.example("a", "x", Split.VALIDATION, 1, 2))),
                        DatasetFingerprint.of(List.of(Given.example("a", "x", Split.TRAIN, 2, 1))),
                        DatasetFingerprint.of(List.of(Given.example("ax", "", Split.TRAIN, 1, 2))),
                        DatasetFingerprint.of(List.of(Given.example("a", "", Split.TRAIN, 1, 2))),
                        DatasetFingerprint.of(List.of(Given.numbered("a", 0, Split.TRAIN, 1, 2))),
                        DatasetFingerprint.of(List.of(Given.numbered("a", -0.0, Split.TRAIN, 1, 2))),
                        DatasetFingerprint.of(List.of(Given.numbered("a", 0.1, Split.TRAIN, 1, 2)))))
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldBeWhatAnotherLanguageReckonsWhenThereIsATarget() {
        // Python: as above, for ('a', '', 'TRAIN ' + pack('>d', 3.5).hex(), (1, 2))
        assertThat(DatasetFingerprint.of(List.of(Given.numbered("a", 3.5, Split.TRAIN, 1, 2))))
                .isEqualTo("e148a98688b7ffdb41415c0f4c85fe6f321f84c325bda4f77d336719a83fdedb");
    }
}
