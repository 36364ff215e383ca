package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.classifier.GivenAnswer.Beside;
import dev.sluice.classifier.Knowledge.KnownPost;
import dev.sluice.classifier.Knowledge.SentExample;
import dev.sluice.classifier.Knowledge.Verdict;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Source;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** State as older releases wrote it; what is written now is read back in the tests of the join. */
class KnowledgeCodecTest {
    private static final Source ONE = new Source("posts", 1, 7L);
    private static final Source TWO = new Source("posts", 2, 8L);

    /** A labelled post with three answers: one of the live version, one of a shadow, and none of another post. */
    private static final String FORM_1 =
            """
            01000000084c4142454c4c454401000000036d65640100000005706f73747300000001000000000000000701000000057370616365
            010100000005706f737473000000010000000000000007000000036d65640300000005706f73747300000001000000000000000700
            0000044c495645010000000300010000000573706163653f400000010000000573706163650001000001a2027bd680000001a2027b
            d29800000005706f73747300000001000000000000000700000006534841444f5701000000040101000000036d65643f0000000001
            01000000030100000005737061636501000001a2027bd680000001a2027bd68000000005706f737473000000020000000000000008
            000000044c49564500000000000000000000000001a2027bd68000""";

    private static final String FORM_1_FORGOTTEN = "0100000009464f52474f5454454e0000000001000001a2027bd680";

    private static Knowledge decode(String hex) {
        return KnowledgeCodec.decode(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
    }

    @Test
    void shouldReadWhatAReleaseWithoutNumbersRemembered() {
        assertThat(decode(FORM_1))
                .isEqualTo(new Knowledge(
                        Verdict.LABELLED,
                        Truth.of("med"),
                        Optional.of(new KnownPost(ONE, Truth.of("space"), true)),
                        Optional.of(new SentExample(ONE, Truth.of("med"))),
                        List.of(
                                new GivenAnswer(
                                        ONE,
                                        Arm.LIVE,
                                        Optional.of(3),
                                        false,
                                        Optional.of("space"),
                                        0.75f,
                                        Optional.empty(),
                                        Truth.of("space"),
                                        Optional.empty(),
                                        Optional.of(TIME),
                                        TIME.minusSeconds(1)),
                                new GivenAnswer(
                                        ONE,
                                        Arm.SHADOW,
                                        Optional.of(4),
                                        true,
                                        Optional.of("med"),
                                        0.5f,
                                        Optional.empty(),
                                        Truth.NOTHING,
                                        Optional.of(new Beside(Optional.of(3), Optional.of("space"), Optional.empty())),
                                        Optional.of(TIME),
                                        TIME),
                                new GivenAnswer(
                                        TWO,
                                        Arm.LIVE,
                                        Optional.empty(),
                                        false,
                                        Optional.empty(),
                                        0,
                                        Optional.empty(),
                                        Truth.NOTHING,
                                        Optional.empty(),
                                        Optional.empty(),
                                        TIME)),
                        Optional.empty()));
        assertThat(decode(FORM_1_FORGOTTEN)).isEqualTo(Knowledge.forgotten(TIME));
    }

    @Test
    void shouldRefuseWhatANewerReleaseRemembered() {
        assertThatThrownBy(() -> decode("03" + FORM_1_FORGOTTEN.substring(2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a newer Sluice wrote the state of learning (form 3)");
        assertThatThrownBy(() -> decode("00" + FORM_1_FORGOTTEN.substring(2)))
                .isInstanceOf(IllegalStateException.class);
    }

    /** A text of -1 bytes, a verdict that there is not, and an end that comes too early. Found by fuzzing. */
    @ParameterizedTest
    @ValueSource(strings = {"02ffffffff", "0200000000", "0200"})
    void shouldSayWhatToDoWhenTheStateIsDamaged(String hex) {
        assertThatThrownBy(() -> decode(hex))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the state of learning is damaged: reset the application");
    }
}
