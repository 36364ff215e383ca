package dev.sluice.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Deployments.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
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

        Change change = add("{\"action\":\"MIRROR\",\"version\":9,\"by\":\"ann\"}");

        assertThat(change.applied()).isFalse();
        assertThat(change.event().getBy()).isEqualTo("ann");
        assertState(2, 1, false);
    }

    @Test
    void shouldGiveAVersionOnePartAtATimeWhenItLooksOnOrAnswersAShare() {
        deployed(1);

        add("{\"action\":\"SHADOW\",\"version\":2}");
        add("{\"action\":\"CANARY\",\"version\":3,\"share\":0.1}");
        assertParts(2, new Deployments.Canary(3, 0.1));
        assertState(1, null, false);

        add("{\"action\":\"CANARY\",\"version\":2,\"share\":1}");
        assertParts(null, new Deployments.Canary(2, 1));

        add("{\"action\":\"SHADOW\",\"version\":2}");
        assertParts(2, null);

        add("{\"version\":2}");
        assertParts(null, null);
        assertState(2, 1, false);
    }

    @Test
    void shouldEndWhatIsNamedOrAllWhenNothingIs() {
        deployed(1);
        add("{\"action\":\"SHADOW\",\"version\":2}");
        add("{\"action\":\"CANARY\",\"version\":3,\"share\":0.5}");

        assertThat(add("{\"action\":\"END\",\"version\":4}").lost())
                .contains("version 4 neither looks on nor answers a share of the posts");
        assertThat(add("{\"action\":\"END\",\"version\":2}").applied()).isTrue();
        assertParts(null, new Deployments.Canary(3, 0.5));
        add("{\"action\":\"SHADOW\",\"version\":2}");
        assertThat(add("{\"action\":\"END\"}").applied()).isTrue();
        assertParts(null, null);
        assertThat(add("{\"action\":\"END\"}").lost()).contains("no version looks on or answers a share of the posts");
        assertState(1, null, false);
    }

    @Test
    void shouldLoseWhenTheLiveVersionIsToLookOn() {
        deployed(1, 2);

        assertThat(add("{\"action\":\"SHADOW\",\"version\":2}").lost()).contains("version 2 is live already");
        assertThat(add("{\"action\":\"CANARY\",\"version\":2,\"share\":0.5}").lost())
                .contains("version 2 is live already");
        assertThat(add("{\"action\":\"SHADOW\",\"version\":1}").applied()).isTrue();
        add("{\"action\":\"ROLLBACK\"}");
        assertParts(null, null);
    }

    private void assertParts(Integer shadow, Deployments.Canary canary) {
        assertThat(deployments.shadow()).isEqualTo(Optional.ofNullable(shadow));
        assertThat(deployments.canary()).isEqualTo(Optional.ofNullable(canary));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"version\":0}",
                "{\"version\":-1}",
                "{\"action\":\"PIN\",\"version\":-1}",
                "{\"action\":\"SHADOW\"}",
                "{\"action\":\"CANARY\",\"share\":0.5}",
                "{\"action\":\"CANARY\",\"version\":2}",
                "{\"action\":\"CANARY\",\"version\":2,\"share\":1.01}",
                "{\"action\":\"END\",\"version\":-1}",
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
            assertThat(inPieces.shadow()).isEqualTo(inOneGo.shadow());
            assertThat(inPieces.canary()).isEqualTo(inOneGo.canary());
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
                Optional<Integer> shadow = fold.shadow();
                Optional<Deployments.Canary> canary = fold.canary();
                fold.add(i, log.get(i));
                Change change = fold.history().get(i);
                DeploymentAction action = change.event().getAction();

                assertThat(change.from()).isEqualTo(live);
                if (!change.applied()) {
                    assertThat(List.of(fold.live(), fold.previous(), fold.pinned(), fold.shadow(), fold.canary()))
                            .isEqualTo(List.of(live, previous, pinned, shadow, canary));
                    continue;
                }
                assertThat(fold.live()).isEqualTo(change.to());
                assertThat(Stream.of(fold.live(), fold.shadow(), fold.canary().map(Deployments.Canary::version))
                                .flatMap(Optional::stream))
                        .as("a version has one part")
                        .doesNotHaveDuplicates();
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
            boolean names = Set.of(DeploymentAction.DEPLOY, DeploymentAction.SHADOW, DeploymentAction.CANARY)
                    .contains(action);
            int least = names ? 1 : 0;
            log.add(Deployment.newBuilder()
                    .setAction(action)
                    .setVersion(least + random.nextInt(4))
                    .setAutomatic(random.nextInt(3) == 0)
                    .setExpected(random.nextInt(3) == 0 ? random.nextInt(4) : null)
                    .setShare(action == DeploymentAction.CANARY ? 0.5 : 0)
                    .build());
        }
        return log;
    }

    @Nested
    class WhereSignaturesAreAskedFor {
        private final SigningKey key = SigningKey.generate();
        private final Deployments signed =
                new Deployments("default", Trust.of(List.of(key.publicText()), Optional.empty()));

        private Deployment event(int version, long millis) {
            return Deployment.newBuilder()
                    .setVersion(version)
                    .setClassifier("default")
                    .setCreatedAt(Instant.ofEpochMilli(millis))
                    .build();
        }

        @Test
        void shouldChangeNothingWhenAnEventIsNotSigned() {
            signed.add(0, key.sign(event(1, 1)));
            signed.add(1, event(2, 2));

            assertThat(signed.live()).contains(1);
            assertThat(signed.history().get(1).applied()).isFalse();
            assertThat(signed.history().get(1).refused()).isTrue();
            assertThat(signed.history().get(1).lost()).get().asString().contains("not signed");
        }

        @Test
        void shouldChangeNothingWhenASignedEventComesOnceMore() {
            Deployment first = key.sign(event(1, 1));
            signed.add(0, first);
            signed.add(1, key.sign(event(2, 2)));
            signed.add(2, first);
            signed.add(3, key.sign(event(3, 3)));

            assertThat(signed.live()).contains(3);
            assertThat(signed.history().get(2).lost()).get().asString().contains("copy");
        }

        @Test
        void shouldChangeNothingWhenAnEventThatLostToAPinComesAgainBehindTheUnpin() {
            Deployment automatic = key.sign(
                    Deployment.newBuilder(event(2, 2)).setAutomatic(true).build());
            signed.add(0, key.sign(event(1, 1)));
            signed.add(
                    1,
                    key.sign(Deployment.newBuilder(event(1, 3))
                            .setAction(DeploymentAction.PIN)
                            .build()));
            signed.add(2, automatic);
            signed.add(
                    3,
                    key.sign(Deployment.newBuilder(event(0, 4))
                            .setAction(DeploymentAction.UNPIN)
                            .build()));
            signed.add(4, automatic);

            assertThat(signed.live()).contains(1);
            assertThat(signed.history().get(4).refused()).isTrue();
        }

        @Test
        void shouldNotBeFooledWhenAnUnsignedEventComesBeforeTheSignedOne() {
            Deployment event = event(1, 1);
            signed.add(0, event);
            signed.add(1, key.sign(event));

            assertThat(signed.live()).contains(1);
        }
    }
}
