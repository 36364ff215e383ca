package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.Split;
import dev.sluice.trainer.PromotionPolicy.Mode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromotionPolicyTest {
    /** Some of the differences are 0.020000000000000018 to a computer. */
    @ParameterizedTest
    @CsvSource({
        "100,97,true",
        "99,97,true",
        "98,97,true",
        "97,97,true",
        "96,98,true",
        "95,98,false",
        "97,98,true",
        "88,90,true",
        "87,90,false",
        "89,90,true",
        "0,2,true",
        "0,3,false",
        "0,1,true"
    })
    void shouldAllowWhenTheDropIsNoLargerThanTheLimit(int challenger, int champion, boolean allowed) {
        PromotionPolicy policy = new PromotionPolicy(Mode.AUTO, 0.02, 0);

        assertThat(policy.allows(challenger / 100.0, champion / 100.0, 100)).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "10,8,9,true",
        "10,7,9,false",
        "100,48,50,false",
        "100,49,50,true",
        "3,1,2,true",
        "3,0,2,false",
        "1,0,1,true"
    })
    void shouldAllowOneMoreWrongAnswerWhateverTheLimitAndTheHoldout(
            int examples, int challenger, int champion, boolean allowed) {
        assertThat(new PromotionPolicy(Mode.AUTO, 0, 0)
                        .allows((double) challenger / examples, (double) champion / examples, examples))
                .isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"4,false", "5,true", "6,true"})
    void shouldFindALabelWeakWhenItsRecallIsBelowTheFloor(int found, boolean strong) {
        PromotionPolicy policy = new PromotionPolicy(Mode.AUTO, 1, 0.5);

        assertThat(policy.weakness(found("often", 100, 100, "rare", found, 10)).isEmpty())
                .isEqualTo(strong);
    }

    @Test
    void shouldNameTheLabelAndTheSettingWhenOneIsWeak() {
        assertThat(new PromotionPolicy(Mode.AUTO, 1, 0.5).weakness(found("often", 9, 9, "rare", 1, 4)))
                .hasValue("it finds 0.2500 of the 4 validation examples labelled rare, below"
                        + " promotion.min.class.recall=0.5");
    }

    @Test
    void shouldNotJudgeALabelWhenNoExampleOfItWasHeldOut() {
        assertThat(new PromotionPolicy(Mode.AUTO, 1, 1).weakness(found("often", 9, 9, "rare", 0, 0)))
                .isEmpty();
    }

    @Test
    void shouldAskNothingOfALabelWhenThereIsNoFloor() {
        assertThat(new PromotionPolicy(Mode.AUTO, 1, 0).weakness(found("often", 9, 9, "rare", 0, 10)))
                .isEmpty();
    }

    private static Evaluation found(String one, int of, int all, String other, int ofOther, int allOther) {
        return Evaluation.newBuilder()
                .setSplit(Split.VALIDATION)
                .setExamples(all + allOther)
                .setAccuracy((double) (of + ofOther) / (all + allOther))
                .setLoss(0)
                .setMacroF1(0)
                .setPerLabel(List.of(score(one, of, all), score(other, ofOther, allOther)))
                .setConfusion(List.of())
                .build();
    }

    private static LabelScore score(String label, int found, int support) {
        return new LabelScore(label, 1.0, support == 0 ? 0 : (double) found / support, 1.0, (long) support);
    }
}
