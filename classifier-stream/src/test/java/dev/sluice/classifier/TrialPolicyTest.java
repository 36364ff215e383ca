package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.Trial;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrialPolicyTest {
    private static final TrialPolicy POLICY = new TrialPolicy(100, 0.95);

    /** Of all pairs, the live version has 50 right, but for what is gained and lost. */
    private static Trial shadow(long examples, long gained, long lost) {
        return trial(Arm.SHADOW)
                .setExamples(examples)
                .setLiveExamples(examples)
                .setLiveRight(50)
                .setRight(50 + gained - lost)
                .setGained(gained)
                .setLost(lost)
                .build();
    }

    private static Trial canary(long right, long examples, long liveRight, long liveExamples) {
        return trial(Arm.CANARY)
                .setExamples(examples)
                .setRight(right)
                .setLiveExamples(liveExamples)
                .setLiveRight(liveRight)
                .build();
    }

    private static Trial.Builder trial(Arm arm) {
        return Trial.newBuilder()
                .setDeployment(4)
                .setVersion(7)
                .setArm(arm)
                .setAgainst(6)
                .setSince(TIME);
    }

    private static Optional<DeploymentAction> decision(Trial trial) {
        return POLICY.look(trial, TIME).flatMap(TrialPolicy.Look::event).map(Deployment::getAction);
    }

    @ParameterizedTest
    @CsvSource({
        "99, 0, false",
        "100, 0, true",
        "101, 0, true",
        "199, 1, false",
        "200, 1, true",
        "399, 2, false",
        "400, 2, true"
    })
    void shouldLookWhenLabelsHaveDoubled(long examples, int looks, boolean time) {
        Trial trial = Trial.newBuilder(shadow(examples, 5, 5)).setLooks(looks).build();

        Optional<TrialPolicy.Look> look = POLICY.look(trial, TIME);

        assertThat(look.isPresent()).isEqualTo(time);
        look.ifPresent(it -> {
            assertThat(it.event()).isEmpty();
            assertThat(it.trial().getLooks()).isEqualTo(looks + 1);
            assertThat(it.trial().getDecided()).isFalse();
        });
    }

    @Test
    void shouldPromoteOrEndAShadowWhenTheDifferenceIsClear() {
        // the sign test of 6 and 0 gives 0.0156, of 5 and 0 it gives 0.03125; the first look's level is 0.025
        assertThat(decision(shadow(100, 6, 0))).contains(DeploymentAction.DEPLOY);
        assertThat(decision(shadow(100, 5, 0))).isEmpty();
        assertThat(decision(shadow(100, 0, 6))).contains(DeploymentAction.END);
        assertThat(decision(shadow(100, 0, 5))).isEmpty();
        assertThat(decision(shadow(100, 0, 0))).isEmpty();
    }

    @Test
    void shouldDecideOnARegressionsShadowByWhoIsNearer() {
        Trial nearer = Trial.newBuilder(shadow(100, 6, 0))
                .setRight(0)
                .setLiveRight(0)
                .setAbsoluteErrors(40.0)
                .setLiveAbsoluteErrors(51.25)
                .build();

        assertThat(POLICY.look(nearer, TIME).orElseThrow().event().orElseThrow())
                .satisfies(event -> {
                    assertThat(event.getAction()).isEqualTo(DeploymentAction.DEPLOY);
                    assertThat(event.getReason())
                            .isEqualTo(
                                    "better than version 6 as a shadow: nearer on 6 of 100, farther on 0, mean absolute"
                                            + " error 0.4000 beside 0.5125; p = 0.016, below 0.025 (look 1)");
                });
        assertThat(decision(Trial.newBuilder(nearer).setGained(5).build())).isEmpty();
        assertThat(decision(Trial.newBuilder(nearer).setGained(0).setLost(6).build()))
                .contains(DeploymentAction.END);
    }

    @Test
    void shouldAskForMoreAtLaterLooks() {
        // the second look's level is 0.0125: 6 and 0 are no longer enough, 7 and 0 (0.0078) are
        assertThat(decision(Trial.newBuilder(shadow(200, 6, 0)).setLooks(1).build()))
                .isEmpty();
        assertThat(decision(Trial.newBuilder(shadow(200, 7, 0)).setLooks(1).build()))
                .contains(DeploymentAction.DEPLOY);
    }

    @Test
    void shouldPromoteOrEndACanaryWhenTheDifferenceIsClear() {
        // 91 beside 80 of 100: 0.0216, below 0.025; 90 beside 80: 0.0367
        assertThat(decision(canary(91, 100, 80, 100))).contains(DeploymentAction.DEPLOY);
        assertThat(decision(canary(90, 100, 80, 100))).isEmpty();
        assertThat(decision(canary(80, 100, 91, 100))).contains(DeploymentAction.END);
        assertThat(POLICY.look(canary(100, 1000, 0, 99), TIME))
                .as("too few on the other side")
                .isEmpty();
    }

    @Test
    void shouldSayWhyAndLoseIfTheLiveVersionIsAnotherByThen() {
        TrialPolicy.Look look = POLICY.look(shadow(100, 12, 1), TIME).orElseThrow();

        assertThat(look.trial().getDecided()).isTrue();
        assertThat(look.event())
                .contains(Deployment.newBuilder()
                        .setAction(DeploymentAction.DEPLOY)
                        .setVersion(7)
                        .setBy("sluice-learn")
                        .setReason(
                                "better than version 6 as a shadow: 61 of 100 right, beside 50 of 100, 12 alone and 1"
                                        + " alone; p = 0.0017, below 0.025 (look 1)")
                        .setAutomatic(true)
                        .setExpected(6)
                        .setCreatedAt(TIME)
                        .build());
        assertThat(POLICY.look(look.trial(), TIME)).isEmpty();
    }

    @Test
    void shouldDecideNothingWhenNobodyAskedForIt() {
        assertThat(new TrialPolicy(0, 0.95).look(shadow(1_000_000, 1000, 0), TIME))
                .isEmpty();
    }

    @Test
    void shouldSeldomPromoteAVersionThatIsNoBetterOverAllLooks() {
        // given: 2,000 shadows that are as good as the live version, 1,600 labels each
        Random random = new Random(3);
        int promoted = 0;
        for (int round = 0; round < 2_000; round++) {
            long gained = 0;
            long lost = 0;
            int looks = 0;
            boolean decided = false;
            for (int labels = 1; labels <= 1_600 && !decided; labels++) {
                int drawn = random.nextInt(5);
                gained += drawn == 0 ? 1 : 0;
                lost += drawn == 1 ? 1 : 0;
                Trial trial = Trial.newBuilder(shadow(labels, gained, lost))
                        .setLooks(looks)
                        .build();
                Optional<TrialPolicy.Look> look = POLICY.look(trial, TIME);
                looks = look.map(it -> it.trial().getLooks()).orElse(looks);
                decided = look.flatMap(TrialPolicy.Look::event).isPresent();
                promoted += look.flatMap(TrialPolicy.Look::event)
                        .filter(event -> event.getAction() == DeploymentAction.DEPLOY)
                        .map(event -> 1)
                        .orElse(0);
            }
        }

        assertThat(promoted).isBetween(1, 100);
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        assertThatThrownBy(() -> new TrialPolicy(-1, 0.95)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TrialPolicy(1, 0.5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TrialPolicy(1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TrialPolicy(1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
