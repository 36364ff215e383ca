package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Trial;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrialsTest {
    private static final long NOW = TIME.toEpochMilli();

    private final Deployments log = new Deployments("default");
    private long offset;

    private void event(DeploymentAction action, int version) {
        log.add(
                offset++,
                Deployment.newBuilder()
                        .setAction(action)
                        .setVersion(version)
                        .setShare(action == DeploymentAction.CANARY ? 0.1 : 0)
                        .build());
    }

    private Optional<Trial> current(Arm arm) {
        return Trials.current(log, arm, Optional.empty(), NOW);
    }

    private static Trial trial(Arm arm) {
        return Trial.newBuilder()
                .setDeployment(1)
                .setVersion(7)
                .setArm(arm)
                .setAgainst(6)
                .setSince(TIME)
                .build();
    }

    private static Score.Builder score(int version, Arm arm, boolean right) {
        return CountsTest.score("a", right ? "a" : "b").setVersion(version).setArm(arm);
    }

    private static Score shadow(boolean right, boolean liveRight) {
        return score(7, Arm.SHADOW, right)
                .setBesideVersion(6)
                .setBesideRight(liveRight)
                .build();
    }

    @Test
    void shouldBeOnWhileAVersionHasAPartBesideALiveOne() {
        assertThat(current(Arm.SHADOW)).isEmpty();
        event(DeploymentAction.SHADOW, 7);
        assertThat(current(Arm.SHADOW)).as("nothing is live").isEmpty();
        event(DeploymentAction.DEPLOY, 6);
        event(DeploymentAction.CANARY, 8);

        assertThat(current(Arm.SHADOW))
                .contains(Trial.newBuilder(trial(Arm.SHADOW)).setDeployment(0).build());
        assertThat(current(Arm.CANARY))
                .contains(Trial.newBuilder(trial(Arm.CANARY))
                        .setDeployment(2)
                        .setVersion(8)
                        .build());
        event(DeploymentAction.END, 0);
        assertThat(current(Arm.SHADOW)).isEmpty();
        assertThat(current(Arm.CANARY)).isEmpty();
    }

    @Test
    void shouldGoOnUntilItIsAnotherTrial() {
        // given
        event(DeploymentAction.DEPLOY, 6);
        event(DeploymentAction.SHADOW, 7);
        Optional<Trial> known = current(Arm.SHADOW)
                .map(trial -> Trial.newBuilder(trial).setExamples(5).build());

        // when, then: the same one, whatever else happens
        event(DeploymentAction.PIN, 0);
        event(DeploymentAction.CANARY, 8);
        assertThat(Trials.current(log, Arm.SHADOW, known, NOW + 1)).isEqualTo(known);

        // when, then: another live version, or the same shadow once more
        event(DeploymentAction.DEPLOY, 5);
        assertThat(Trials.current(log, Arm.SHADOW, known, NOW + 1).orElseThrow().getExamples())
                .isZero();
        event(DeploymentAction.DEPLOY, 6);
        assertThat(Trials.current(log, Arm.SHADOW, known, NOW + 1)).isEqualTo(known);
        event(DeploymentAction.SHADOW, 7);
        Trial again = Trials.current(log, Arm.SHADOW, known, NOW + 1).orElseThrow();
        assertThat(again.getExamples()).isZero();
        assertThat(again.getSince()).isEqualTo(TIME.plusMillis(1));
    }

    @Test
    void shouldDecideOnceMoreWhenADecisionLostToAPin() {
        // given: a decision at the second look, that a pin was quicker than
        event(DeploymentAction.DEPLOY, 6);
        event(DeploymentAction.SHADOW, 7);
        Trial decided = Trial.newBuilder(trial(Arm.SHADOW))
                .setExamples(200)
                .setGained(20)
                .setLooks(2)
                .setDecided(true)
                .build();
        event(DeploymentAction.PIN, 0);
        assertThat(next(decided)).isEqualTo(decided);
        decision(7);

        // when, then
        Trial open = next(decided);
        assertThat(open.getDecided()).isFalse();
        assertThat(open.getLooks()).isEqualTo(1);
        assertThat(open.getExamples()).isEqualTo(200);
        assertThat(next(open)).isEqualTo(open);

        // and when it is decided once more, the old loss says nothing, and a second one does
        event(DeploymentAction.UNPIN, 0);
        Trial again = Trial.newBuilder(open).setLooks(2).setDecided(true).build();
        assertThat(next(again)).isEqualTo(again);
        event(DeploymentAction.PIN, 0);
        decision(8);
        assertThat(next(again)).isEqualTo(again);
        decision(7);
        assertThat(next(again).getDecided()).isFalse();
    }

    private Trial next(Trial known) {
        return Trials.current(log, Arm.SHADOW, Optional.of(known), NOW + 1).orElseThrow();
    }

    private void decision(int version) {
        log.add(
                offset++,
                Deployment.newBuilder()
                        .setAction(DeploymentAction.DEPLOY)
                        .setVersion(version)
                        .setBy("sluice-learn")
                        .setAutomatic(true)
                        .setExpected(6)
                        .build());
    }

    @Test
    void shouldCountPairsWhenTheVersionLooksOn() {
        Trial trial = trial(Arm.SHADOW);
        trial = Trials.plus(trial, shadow(true, true));
        trial = Trials.plus(trial, shadow(true, false));
        trial = Trials.plus(trial, shadow(true, false));
        trial = Trials.plus(trial, shadow(false, true));
        trial = Trials.plus(trial, shadow(false, false));

        assertThat(trial)
                .isEqualTo(Trial.newBuilder(trial(Arm.SHADOW))
                        .setExamples(5)
                        .setRight(3)
                        .setLiveExamples(5)
                        .setLiveRight(2)
                        .setGained(2)
                        .setLost(1)
                        .build());
    }

    private static Score.Builder shadow(double target, double value, double liveValue) {
        return CountsTest.number(target, value)
                .setVersion(7)
                .setArm(Arm.SHADOW)
                .setBesideVersion(6)
                .setBesideValue(liveValue);
    }

    @Test
    void shouldCountWhoIsNearerWhenBothVersionsAnswerWithNumbers() {
        Trial trial = trial(Arm.SHADOW);
        for (Score.Builder score : List.of(
                shadow(2, 2.5, 3), // nearer
                shadow(2, 1.5, 3), // nearer, on the other side
                shadow(2, 4, 1), // farther
                shadow(2, 3, 1), // as far
                shadow(2, 2, 2))) {
            trial = Trials.plus(trial, score.build());
        }

        assertThat(trial)
                .isEqualTo(Trial.newBuilder(trial(Arm.SHADOW))
                        .setExamples(5)
                        .setLiveExamples(5)
                        .setGained(2)
                        .setLost(1)
                        .setAbsoluteErrors(4.0)
                        .setLiveAbsoluteErrors(4.0)
                        .build());
        Trial back = Trials.plus(trial, shadow(2, 2.5, 3).setSign(-1).build());
        assertThat(back.getExamples()).isEqualTo(4);
        assertThat(back.getGained()).isEqualTo(1);
        assertThat(back.getAbsoluteErrors()).contains(3.5);
        assertThat(back.getLiveAbsoluteErrors()).contains(3.0);
    }

    @Test
    void shouldCompareNoNumberWithALabel() {
        Trial trial = trial(Arm.SHADOW);

        assertThat(Trials.plus(trial, shadow(2, 2, 9).setBesideValue(null).build()))
                .isEqualTo(trial);
        assertThat(Trials.plus(
                        trial,
                        Score.newBuilder(shadow(true, false))
                                .setBesideRight(null)
                                .build()))
                .isEqualTo(trial);
    }

    @Test
    void shouldLeaveTheCanaryOfARegressionToPeople() {
        Trial trial = trial(Arm.CANARY);

        assertThat(Trials.plus(
                        trial,
                        CountsTest.number(2, 2).setVersion(7).setArm(Arm.CANARY).build()))
                .isEqualTo(trial);
        assertThat(Trials.plus(trial, CountsTest.number(2, 9).setVersion(6).build()))
                .isEqualTo(trial);
    }

    @Test
    void shouldCountEachSideWhenTheVersionAnswersAShare() {
        Trial trial = trial(Arm.CANARY);
        trial = Trials.plus(trial, score(7, Arm.CANARY, true).build());
        trial = Trials.plus(trial, score(7, Arm.CANARY, false).build());
        trial = Trials.plus(trial, score(6, Arm.LIVE, true).build());

        assertThat(trial)
                .isEqualTo(Trial.newBuilder(trial(Arm.CANARY))
                        .setExamples(2)
                        .setRight(1)
                        .setLiveExamples(1)
                        .setLiveRight(1)
                        .build());
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "0, 1", "1, 1"})
    void shouldCompareAShareWithWhatWasAnsweredInTheSameTimeOnly(long millis, long expected) {
        for (Score.Builder score : List.of(score(7, Arm.CANARY, true), score(6, Arm.LIVE, true))) {
            Score late = score.setAnsweredAt(TIME.plusMillis(millis))
                    .setScoredAt(TIME.plusSeconds(60))
                    .build();

            Trial counted = Trials.plus(trial(Arm.CANARY), late);

            assertThat(counted.getExamples() + counted.getLiveExamples()).isEqualTo(expected);
            assertThat(Trials.plus(counted, Score.newBuilder(late).setSign(-1).build()))
                    .isEqualTo(trial(Arm.CANARY));
        }
    }

    @Test
    void shouldPassOverWhatIsNoPartOfTheTrial() {
        Trial shadow = trial(Arm.SHADOW);
        assertThat(Trials.plus(
                        shadow,
                        Score.newBuilder(shadow(true, false))
                                .setBesideVersion(5)
                                .build()))
                .isEqualTo(shadow);
        assertThat(Trials.plus(
                        shadow,
                        Score.newBuilder(shadow(true, false))
                                .setBesideVersion(null)
                                .build()))
                .isEqualTo(shadow);
        assertThat(Trials.plus(
                        shadow,
                        Score.newBuilder(shadow(true, false)).setVersion(8).build()))
                .isEqualTo(shadow);
        assertThat(Trials.plus(shadow, score(6, Arm.LIVE, true).build())).isEqualTo(shadow);
        Trial canary = trial(Arm.CANARY);
        assertThat(Trials.plus(canary, score(8, Arm.CANARY, true).build())).isEqualTo(canary);
        assertThat(Trials.plus(canary, score(5, Arm.LIVE, true).build())).isEqualTo(canary);
        assertThat(Trials.plus(canary, shadow(true, true))).isEqualTo(canary);
    }

    @Test
    void shouldTakeBackWhatIsTakenBack() {
        for (Score score : new Score[] {shadow(true, false), shadow(false, true)}) {
            Trial counted = Trials.plus(trial(Arm.SHADOW), score);
            assertThat(Trials.plus(counted, Score.newBuilder(score).setSign(-1).build()))
                    .isEqualTo(trial(Arm.SHADOW));
        }
        Score canary = score(7, Arm.CANARY, true).build();
        assertThat(Trials.plus(
                        Trials.plus(trial(Arm.CANARY), canary),
                        Score.newBuilder(canary).setSign(-1).build()))
                .isEqualTo(trial(Arm.CANARY));
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "0, -1", "1, -1"})
    void shouldNotTakeBackWhatWasScoredBeforeItBegan(long millis, long expected) {
        Instant scoredAt = TIME.plusMillis(millis);
        Score score = Score.newBuilder(shadow(true, true))
                .setScoredAt(scoredAt)
                .setSign(-1)
                .build();

        assertThat(Trials.plus(trial(Arm.SHADOW), score).getExamples()).isEqualTo(expected);
    }
}
