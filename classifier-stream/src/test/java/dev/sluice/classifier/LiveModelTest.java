package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TOPICS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.Reports.Outcome;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.SigningKey;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts with stores that hold something already, as after a restart; arrivals are tested with the topology. */
class LiveModelTest {
    private final RecordedReports reports = new RecordedReports();
    private final KeyValueStore<String, byte[]> models = store(Serdes.String(), Serdes.ByteArray());
    private final KeyValueStore<Long, Deployment> deployments =
            store(Serdes.Long(), TOPICS.deployments().codec().serde());
    private final LiveModel live = new LiveModel(TOPICS, Trust.OPEN, reports);

    private static <K, V> KeyValueStore<K, V> store(Serde<K> keys, Serde<V> values) {
        MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
        KeyValueStore<K, V> store = Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("store"), keys, values)
                .withLoggingDisabled()
                .withCachingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
        return store;
    }

    private void deployed(int... versions) {
        for (int i = 0; i < versions.length; i++) {
            logged(i, deployment(versions[i]));
        }
    }

    private void logged(long offset, Deployment event) {
        deployments.put(offset, event);
    }

    private static Deployment deployment(int version) {
        return Deployment.newBuilder().setVersion(version).build();
    }

    private void deploy(long offset, int version) {
        live.deploymentArrived(offset, deployment(version));
    }

    private void published(int... versions) {
        for (int version : versions) {
            models.put("default/" + version, Samples.sound(version));
        }
    }

    private void restart() {
        live.onRestoreEnd(null, ClassifyTopology.MODELS, 1);
        live.onRestoreEnd(null, ClassifyTopology.DEPLOYMENTS, 1);
        live.opened(models, deployments);
    }

    private static byte[] signed(int version, SigningKey key) {
        return TOPICS.models()
                .codec()
                .encode(key.sign(
                        ModelVersions.seal(Samples.model(version, version).build())));
    }

    private static Deployment signed(Deployment.Builder event, SigningKey key) {
        return key.sign(
                event.setClassifier("default").setCreatedAt(Samples.TIME).build());
    }

    private LiveModel trusting(SigningKey key) {
        Trust trust = Trust.of(List.of(key.publicText()), Optional.empty());
        LiveModel instance = new LiveModel(TOPICS, trust, reports);
        instance.onRestoreEnd(null, ClassifyTopology.MODELS, 1);
        instance.onRestoreEnd(null, ClassifyTopology.DEPLOYMENTS, 1);
        instance.opened(models, deployments);
        return instance;
    }

    private Optional<Integer> version() {
        return live.arms().live().map(Serving::version);
    }

    @Test
    void shouldServeTheNewestDeploymentWhenItRestarts() {
        published(1, 2, 3);
        deployed(1, 3, 2);

        restart();

        assertThat(version()).contains(2);
        assertThat(reports.outcomes)
                .containsExactly(new Outcome(Arm.LIVE, DeploymentState.SERVING, 2, Optional.of(2), ""));
    }

    /** The broker may have let it through: it counts bytes as they travel, compressed. */
    @ParameterizedTest
    @CsvSource({"-1, false", "0, true", "1, true"})
    void shouldRefuseAVersionOnArrivalAndAtARestartWhenItIsLargerThanModelsMayBe(int more, boolean serves) {
        byte[] value = Samples.sound(1);
        Topics topics = new Topics("", "default", 1, value.length + more);
        LiveModel instance = new LiveModel(topics, Trust.OPEN, reports);
        instance.onRestoreEnd(null, ClassifyTopology.MODELS, 1);
        instance.onRestoreEnd(null, ClassifyTopology.DEPLOYMENTS, 1);
        models.put("default/1", value);
        deployed(1);

        instance.opened(models, deployments);

        assertThat(instance.arms().live()).matches(live -> live.isPresent() == serves);
        assertThat(reports.outcomes).singleElement().satisfies(outcome -> {
            assertThat(outcome.state()).isEqualTo(serves ? DeploymentState.SERVING : DeploymentState.REFUSED);
            assertThat(outcome.reason()).contains(serves ? "" : "model.max.bytes");
        });
        assertThat(instance.modelArrived("default/1", Optional.of(value)).isEmpty())
                .isEqualTo(serves);
    }

    @Test
    void shouldNotServeAStoredVersionWhenNobodyTrustedSignedIt() {
        SigningKey ours = SigningKey.generate();
        models.put("default/1", signed(1, ours));
        models.put("default/2", Samples.sound(2));
        models.put("default/3", signed(3, SigningKey.generate()));
        for (int version = 1; version <= 3; version++) {
            logged(version, signed(Deployment.newBuilder().setVersion(version), ours));
        }

        LiveModel instance = trusting(ours);

        assertThat(instance.arms().live().map(Serving::version)).contains(1);
        Outcome outcome = reports.outcomes.get(0);
        assertThat(outcome.state()).isEqualTo(DeploymentState.REFUSED);
        assertThat(outcome.version()).isEqualTo(3);
        assertThat(outcome.serving()).contains(1);
        assertThat(outcome.reason()).contains("key that is not trusted");
    }

    @Test
    void shouldKeepWhatServesAndSayWhyWhenAnUnsignedVersionTakesItsPlace() {
        SigningKey ours = SigningKey.generate();
        models.put("default/1", signed(1, ours));
        logged(0, signed(Deployment.newBuilder().setVersion(1), ours));
        LiveModel instance = trusting(ours);
        models.put("default/1", Samples.sound(1));

        Optional<RuntimeException> refusal = instance.modelArrived("default/1", Optional.of(Samples.sound(1)));

        assertThat(refusal).get().extracting(Throwable::getMessage).asString().contains("the version is not signed");
        assertThat(instance.arms().live().map(Serving::version)).contains(1);
    }

    @Test
    void shouldTellWhoeverWaitsWhenAnUnsignedEventIsRefusedAndGoOnAsBefore() {
        SigningKey ours = SigningKey.generate();
        models.put("default/1", signed(1, ours));
        models.put("default/2", signed(2, ours));
        logged(0, signed(Deployment.newBuilder().setVersion(1), ours));
        LiveModel instance = trusting(ours);
        reports.outcomes.clear();

        instance.deploymentArrived(1, deployment(2));

        assertThat(instance.arms().live().map(Serving::version)).contains(1);
        assertThat(reports.outcomes).hasSize(2);
        assertThat(reports.outcomes.get(0))
                .isEqualTo(new Outcome(
                        Arm.LIVE,
                        DeploymentState.REFUSED,
                        2,
                        Optional.of(1),
                        reports.outcomes.get(0).reason()));
        assertThat(reports.outcomes.get(0).reason()).contains("the deployment is not signed", "models.signing.key");
        assertThat(reports.outcomes.get(1))
                .isEqualTo(new Outcome(Arm.LIVE, DeploymentState.SERVING, 1, Optional.of(1), ""));
    }

    @Test
    void shouldChangeNothingWhenASignedEventIsWrittenOnceMoreByAnother() {
        SigningKey ours = SigningKey.generate();
        models.put("default/1", signed(1, ours));
        models.put("default/2", signed(2, ours));
        Deployment first = signed(Deployment.newBuilder().setVersion(1), ours);
        logged(0, first);
        logged(1, signed(Deployment.newBuilder().setVersion(2), ours));
        LiveModel instance = trusting(ours);

        instance.deploymentArrived(2, first);

        assertThat(instance.arms().live().map(Serving::version)).contains(2);
    }

    @Test
    void shouldReportOnceWhenBothProcessorsOpenTheSameStores() {
        published(1);
        deployed(1);

        restart();
        live.opened(models, deployments);

        assertThat(reports.outcomes).hasSize(1);
    }

    @Test
    void shouldServeTheOneBeforeWhenTheNewestIsUnsoundOrUnknown() {
        published(1, 2);
        models.put("default/3", Samples.unsound(3));
        deployed(1, 2, 3, 4, 3);

        restart();

        assertThat(version()).contains(2);
        assertThat(reports.outcomes)
                .containsExactly(new Outcome(
                        Arm.LIVE,
                        DeploymentState.REFUSED,
                        3,
                        Optional.of(2),
                        "layer 1 weights: 6 numbers take 24 bytes, there are 20"));
    }

    @Test
    void shouldServeNothingAndSayNothingWhenNothingWasDeployed() {
        published(1);

        restart();

        assertThat(version()).isEmpty();
        assertThat(reports.outcomes).isEmpty();
    }

    @Test
    void shouldWaitWhenTheOnlyDeploymentNamesAnUnknownVersion() {
        deployed(1);

        restart();

        assertThat(version()).isEmpty();
        assertThat(reports.last())
                .isEqualTo(new Outcome(
                        Arm.LIVE,
                        DeploymentState.WAITING,
                        1,
                        Optional.empty(),
                        "version 1 is not on the topic of models yet"));
    }

    @Test
    void shouldChooseNothingWhileAStoreIsStillBeingRestored() {
        // given
        published(1);
        deployed(1);

        // when
        live.opened(models, deployments);
        deploy(0, 1);
        live.onRestoreEnd(null, ClassifyTopology.DEPLOYMENTS, 1);
        live.opened(models, deployments);
        live.modelArrived("default/1", Optional.of(Samples.sound(1)));

        // then
        assertThat(live.following()).isFalse();
        assertThat(version()).isEmpty();
        assertThat(reports.outcomes).isEmpty();
    }

    @Test
    void shouldServeWhenTheRefusedVersionIsPublishedAgainAndIsSound() {
        // given
        models.put("default/1", Samples.unsound(1));
        deployed(1);
        restart();

        // when
        published(1);
        Optional<RuntimeException> refusal = live.modelArrived("default/1", Optional.of(Samples.sound(1)));

        // then: now, and when it is deployed once more later on
        assertThat(refusal).isEmpty();
        assertThat(version()).contains(1);
        published(2);
        deploy(1, 2);
        assertThat(version()).contains(2);
        deploy(2, 1);
        assertThat(version()).contains(1);
    }

    @Test
    void shouldServeTheNewBytesWhenTheLiveVersionIsPublishedAgain() {
        // given
        published(1);
        deployed(1);
        restart();
        byte[] again = Samples.sealed(Samples.model(1, 5));

        // when
        models.put("default/1", again);
        live.modelArrived("default/1", Optional.of(again));

        // then
        assertThat(live.arms().live().orElseThrow().predictor().version())
                .isEqualTo(TOPICS.models().codec().decode(again));
    }

    @Test
    void shouldServeOnWhenTheLiveVersionIsPublishedAgainAndIsUnsound() {
        // given
        published(1);
        deployed(1);
        restart();

        // when
        models.put("default/1", Samples.unsound(1));
        Optional<RuntimeException> refusal = live.modelArrived("default/1", Optional.of(Samples.unsound(1)));

        // then
        assertThat(refusal).isPresent();
        assertThat(version()).contains(1);
        assertThat(reports.outcomes)
                .containsExactly(new Outcome(Arm.LIVE, DeploymentState.SERVING, 1, Optional.of(1), ""));
    }

    @Test
    void shouldReportAgainWhenTheServingVersionIsDeployedAgain() {
        published(1);
        deployed(1);
        restart();

        deploy(1, 1);

        assertThat(reports.outcomes).hasSize(2);
    }

    @Test
    void shouldServeWhatAnInstanceServesThatSawItAllWhenItStartsOnAnyLog() {
        // given: one version is unsound, another is missing
        published(1, 2, 3);
        models.put("default/4", Samples.unsound(4));
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            LiveModel sawItAll =
                    started(store(Serdes.Long(), TOPICS.deployments().codec().serde()));
            KeyValueStore<Long, Deployment> log =
                    store(Serdes.Long(), TOPICS.deployments().codec().serde());
            for (long offset = 0; offset < 20; offset++) {
                Deployment event = randomEvent(random);
                log.put(offset, event);
                sawItAll.deploymentArrived(offset, event);

                // when
                LiveModel restarted = started(log);

                // then
                assertThat(describe(restarted.arms()))
                        .as("seed %d, offset %d", seed, offset)
                        .isEqualTo(describe(sawItAll.arms()));
            }
        }
    }

    private static String describe(Arms arms) {
        return arms.live().map(Serving::version) + " canary "
                + arms.canary().map(it -> it.serving().version() + " " + it.share()) + " shadow "
                + arms.shadow().map(Serving::version);
    }

    private LiveModel started(KeyValueStore<Long, Deployment> log) {
        LiveModel instance = new LiveModel(TOPICS, Trust.OPEN, new RecordedReports());
        instance.onRestoreEnd(null, ClassifyTopology.MODELS, 1);
        instance.onRestoreEnd(null, ClassifyTopology.DEPLOYMENTS, 1);
        instance.opened(models, log);
        return instance;
    }

    private static Deployment randomEvent(Random random) {
        DeploymentAction[] actions = DeploymentAction.values();
        return Deployment.newBuilder()
                .setAction(actions[random.nextInt(actions.length)])
                .setVersion(1 + random.nextInt(5))
                .setShare((1 + random.nextInt(4)) / 4.0)
                .setAutomatic(random.nextBoolean())
                .setExpected(random.nextInt(4) == 0 ? random.nextInt(6) : null)
                .build();
    }
}
