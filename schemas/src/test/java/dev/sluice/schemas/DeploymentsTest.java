package dev.sluice.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Deployments.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeploymentsTest {
    private static final RecordCodec<Deployment> CODEC = RecordCodec.of(Deployment.class);

    private final Deployments deployments = new Deployments("default");
    private long offset;

    private Change add(String json) {
        deployments.add(offset++, CODEC.decode(json.getBytes(UTF_8)));
        return deployments.history().get(deployments.history().size() - 1);
    }

    private void deployed(int... versions) {
        for (int version : versions) {
            add("{\"version\":" + version + "}");
        }
    }

    private void assertState(Integer live, Integer previous, boolean pinned) {
        assertThat(deployments.live()).isEqualTo(Optional.ofNullable(live));
        assertThat(deployments.previous()).isEqualTo(Optional.ofNullable(previous));
        assertThat(deployments.pinned()).isEqualTo(pinned);
    }

    @Test
    void shouldBeEmptyWhenNothingWasDeployed() {
        assertState(null, null, false);
        assertThat(deployments.history()).isEmpty();
    }

    @Test
    void shouldTakeTheNewestWhenVersionsAreDeployed() {
        deployed(1, 3, 2);

        assertState(2, 3, false);
        assertThat(deployments.history()).hasSize(3).allMatch(Change::applied);
        assertThat(deployments.history().get(2).from()).contains(3);
        assertThat(deployments.history().get(2).to()).contains(2);
    }

    @Test
    void shouldKeepTheOneBeforeWhenTheLiveVersionIsDeployedAgain() {
        deployed(1, 2, 2);

        assertState(2, 1, false);
    }

    @Test
    void shouldUndoOneAfterTheOtherWhenRolledBackRepeatedly() {
        deployed(1, 2, 3);

        assertThat(add("{\"action\":\"rollback\"}").to()).contains(2);
        assertState(2, 1, false);
        add("{\"action\":\"ROLLBACK\"}");
        assertState(1, null, false);
        assertThat(add("{\"action\":\"ROLLBACK\"}").lost()).contains("no version was live before version 1");
        assertState(1, null, false);
    }

    @Test
    void shouldUndoOneStepOnlyWhenAVersionWasLiveMoreThanOnce() {
        deployed(1, 2, 1, 2);

        add("{\"action\":\"ROLLBACK\"}");

        assertState(1, 2, false);
    }

    @Test
    void shouldGoBackToTheVersionNamedWhenItWasLiveBefore() {
        deployed(1, 2, 3);

        assertThat(add("{\"action\":\"ROLLBACK\",\"version\":3}").applied()).isTrue();
        assertState(3, 2, false);
        add("{\"action\":\"ROLLBACK\",\"version\":1}");
        assertState(1, null, false);
        assertThat(add("{\"action\":\"ROLLBACK\",\"version\":2}").lost())
                .contains("version 2 was not live before version 1: deploy it instead");
        assertState(1, null, false);
    }

    @Test
    void shouldLoseWhenThereIsNothingToRollBackOrPin() {
        assertThat(add("{\"action\":\"ROLLBACK\"}").lost()).contains("no version was live before no version");
        assertThat(add("{\"action\":\"PIN\"}").lost()).contains("no version is live that could be pinned");

        assertState(null, null, false);
    }

    @Test
    void shouldLoseToThePinWhenAnEventIsAutomatic() {
        deployed(1);
        add("{\"action\":\"PIN\"}");

        Change lost = add("{\"version\":2,\"automatic\":true}");
        Change byHand = add("{\"version\":3}");
        assertState(3, 1, true);
        add("{\"action\":\"UNPIN\"}");
        Change afterwards = add("{\"version\":4,\"automatic\":true}");

        assertThat(lost.lost()).contains("version 1 is pinned");
        assertThat(lost.from()).contains(1);
        assertThat(lost.to()).contains(2);
        assertThat(byHand.applied()).isTrue();
        assertThat(afterwards.applied()).isTrue();
        assertState(4, 3, false);
    }

    @Test
    void shouldLetTheVersionServeAndHoldItWhenAPinNamesOne() {
        deployed(1);

        add("{\"action\":\"PIN\",\"version\":2}");

        assertState(2, 1, true);
        add("{\"action\":\"ROLLBACK\"}");
        assertState(1, null, true);
    }

    @Test
    void shouldLoseWhenAnotherVersionIsLiveThanExpected() {
        assertThat(add("{\"version\":1,\"expected\":1}").lost())
                .contains("it expected version 1 to be live, but no version was");
        assertThat(add("{\"version\":5,\"expected\":0,\"automatic\":true}").applied())
                .isTrue();
        assertThat(add("{\"version\":6,\"expected\":4}").lost())
                .contains("it expected version 4 to be live, but version 5 was");
        assertThat(add("{\"version\":6,\"expected\":6}").applied()).isFalse();
        assertThat(add("{\"version\":6,\"expected\":0}").lost())
                .contains("it expected no version to be live, but version 5 was");
        assertState(5, null, false);
        assertThat(add("{\"version\":6,\"expected\":5}").applied()).isTrue();
        assertState(6, 5, false);
    }

    @Test
    void shouldChangeNothingButStandInTheHistoryWhenTheActionIsUnknown() {
        deployed(1, 2);

        Change change = add("{\"action\":\"SHADOW\",\"version\":9,\"by\":\"ann\"}");

        assertThat(change.applied()).isFalse();
        assertThat(change.event().getBy()).isEqualTo("ann");
        assertState(2, 1, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"version\":0}",
                "{\"version\":-1}",
                "{\"action\":\"PIN\",\"version\":-1}",
                "{\"version\":3,\"classifier\":\"spam\"}"
            })
    void shouldRefuseAndForgetWhenAnEventIsStrange(String json) {
        deployed(1);

        assertThatThrownBy(() -> add(json)).isInstanceOf(UnreadableRecordException.class);

        assertState(1, null, false);
        assertThat(deployments.history()).hasSize(1);
    }

    @Test
    void shouldReadWhatAnOlderReleaseWroteWhenItWasADeployment() {
        Deployment read = CODEC.decode("{\"version\":7}".getBytes(UTF_8));

        assertThat(read).isEqualTo(Deployment.newBuilder().setVersion(7).build());
        assertThat(read.getAction()).isEqualTo(DeploymentAction.DEPLOY);
        assertThat(read.getAutomatic()).isFalse();
        assertThat(read.getExpected()).isEmpty();
    }

    /** A thousand histories: whenever a reader stops, reads again from anywhere and goes on, it comes to the same. */
    @Test
    void shouldComeToTheSameWhenTheLogIsReadInPiecesOrPartlyTwice() {
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            List<Deployment> log = randomLog(random);
            Deployments inOneGo = new Deployments("default");
            addAll(inOneGo, log, 0, log.size());
            Deployments inPieces = new Deployments("default");
            for (int read = 0; read < log.size(); ) {
                int end = read + 1 + random.nextInt(log.size() - read);
                addAll(inPieces, log, random.nextInt(read + 1), end);
                read = end;
            }

            assertThat(inPieces.history()).as("seed " + seed).isEqualTo(inOneGo.history());
            assertThat(inPieces.live()).isEqualTo(inOneGo.live());
            assertThat(inPieces.previous()).isEqualTo(inOneGo.previous());
            assertThat(inPieces.pinned()).isEqualTo(inOneGo.pinned());
        }
    }

    /** And at each step of each of them, only what was applied moves anything, and nothing automatic under a pin. */
    @Test
    void shouldKeepItsPromisesWhenAnyEventFollowsAnyHistory() {
        for (int seed = 0; seed < 1000; seed++) {
            List<Deployment> log = randomLog(new Random(seed));
            Deployments fold = new Deployments("default");
            for (int i = 0; i < log.size(); i++) {
                Optional<Integer> live = fold.live();
                Optional<Integer> previous = fold.previous();
                boolean pinned = fold.pinned();
                fold.add(i, log.get(i));
                Change change = fold.history().get(i);
                DeploymentAction action = change.event().getAction();

                assertThat(change.from()).isEqualTo(live);
                if (!change.applied()) {
                    assertThat(List.of(fold.live(), fold.previous(), fold.pinned()))
                            .isEqualTo(List.of(live, previous, pinned));
                    continue;
                }
                assertThat(fold.live()).isEqualTo(change.to());
                assertThat(pinned && change.event().getAutomatic()).isFalse();
                assertThat(change.event().getExpected().orElse(live.orElse(0))).isEqualTo(live.orElse(0));
                assertThat(action).isNotEqualTo(DeploymentAction.UNKNOWN);
                assertThat(fold.pinned())
                        .isEqualTo(action == DeploymentAction.PIN || (pinned && action != DeploymentAction.UNPIN));
                if (action == DeploymentAction.DEPLOY && !fold.live().equals(live)) {
                    assertThat(fold.previous()).isEqualTo(live);
                }
            }
        }
    }

    private static void addAll(Deployments fold, List<Deployment> log, int from, int end) {
        for (int i = from; i < end; i++) {
            fold.add(10 + 3L * i, log.get(i)); // offsets have gaps, where transactions end
        }
    }

    private static List<Deployment> randomLog(Random random) {
        DeploymentAction[] actions = DeploymentAction.values();
        List<Deployment> log = new ArrayList<>();
        int length = 1 + random.nextInt(30);
        for (int i = 0; i < length; i++) {
            DeploymentAction action = actions[random.nextInt(actions.length)];
            int least = action == DeploymentAction.DEPLOY ? 1 : 0;
            log.add(Deployment.newBuilder()
                    .setAction(action)
                    .setVersion(least + random.nextInt(4))
                    .setAutomatic(random.nextInt(3) == 0)
                    .setExpected(random.nextInt(3) == 0 ? random.nextInt(4) : null)
                    .build());
        }
        return log;
    }
}
