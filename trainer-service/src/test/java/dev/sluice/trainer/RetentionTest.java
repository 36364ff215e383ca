package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionTest {
    private final Topics topics = Topics.ofDefaults();
    private final MockTopics kafka = new MockTopics(topics.models().name(), 1);
    private final MockTopics log = new MockTopics(topics.deployments().name(), 1);
    private final PublishedModels models = new PublishedModels(kafka.consumer, topics.models(), "default", Trust.OPEN);
    private final DeploymentLog deployments =
            new DeploymentLog(log.consumer, topics.deployments(), "default", Trust.OPEN);

    @BeforeEach
    void follow() {
        models.follow();
        deployments.follow();
    }

    private void publish(int... versions) throws InterruptedException {
        for (int version : versions) {
            ModelVersion sealed = ModelVersions.seal(
                    TrainedVersions.draft().setVersion(version).build());
            kafka.add(0, "default/" + version, topics.models().codec().encode(sealed));
        }
        models.follow();
    }

    private void publishUnsound(int version) throws InterruptedException {
        ModelVersion broken =
                TrainedVersions.draft().setVersion(version).setSha256("no seal").build();
        kafka.add(0, "default/" + version, topics.models().codec().encode(broken));
        models.follow();
    }

    private void log(String... events) {
        for (String event : events) {
            log.add(0, "default", MockTopics.bytes(event));
        }
        deployments.follow();
    }

    private Retention keeping(int keep) {
        return new Retention(keep, models, deployments);
    }

    @ParameterizedTest
    @CsvSource({"1,3", "2,2", "3,1", "4,0", "5,0", "0,0"})
    void shouldKeepSoManyWithTheNewcomerWhenNothingIsDeployed(int keep, int gone) throws Exception {
        publish(1, 2, 3);

        assertThat(keeping(keep).surplusBeside(4)).hasSize(gone).doesNotContain(4);
    }

    @Test
    void shouldNameTheLowestFirstWhenSeveralGo() throws Exception {
        publish(9, 3, 7);

        assertThat(keeping(1).surplusBeside(10)).containsExactly(3, 7, 9);
    }

    @Test
    void shouldKeepTheLiveOneAndTheOneBeforeWhenTheyAreOld() throws Exception {
        publish(1, 2, 3, 4, 5);
        log("{\"version\":3}", "{\"version\":1}", "{\"action\":\"PIN\",\"version\":2}");

        assertThat(keeping(1).surplusBeside(6)).containsExactly(3, 4, 5);
    }

    @Test
    void shouldKeepWhereTheNextRollbackLeadsWhenOneWasRolledBack() throws Exception {
        publish(1, 2, 3, 4, 5);
        log("{\"version\":1}", "{\"version\":2}", "{\"version\":3}", "{\"action\":\"ROLLBACK\"}");

        assertThat(keeping(1).surplusBeside(6)).containsExactly(4, 5);
    }

    @Test
    void shouldKeepTheOnesThatAnswerWhenTheLiveOnesCannot() throws Exception {
        publish(1, 2, 3);
        publishUnsound(4);
        publishUnsound(5);
        log("{\"version\":1}", "{\"version\":2}", "{\"version\":4}", "{\"version\":99}", "{\"version\":5}");

        assertThat(keeping(1).surplusBeside(6)).containsExactly(3, 4);
    }

    @Test
    void shouldCountOnlyWhatIsThereWhenVersionsWereWithdrawn() throws Exception {
        publish(1, 2, 3);
        kafka.add(0, "default/2", null);
        models.follow();

        assertThat(keeping(3).surplusBeside(4)).isEmpty();
        assertThat(keeping(2).surplusBeside(4)).containsExactly(1);
        assertThat(models.nextVersion()).isEqualTo(4);
    }

    @Test
    void shouldKeepTheShadowAndTheCanaryUntilTheyEndWhenTheyAreOld() throws Exception {
        publish(1, 2, 3, 4, 5);
        log("{\"version\":3}", "{\"action\":\"SHADOW\",\"version\":1}");
        log("{\"action\":\"CANARY\",\"version\":2,\"share\":0.1}");

        assertThat(keeping(1).surplusBeside(6)).containsExactly(4, 5);
        log("{\"action\":\"END\",\"version\":1}");
        assertThat(keeping(1).surplusBeside(6)).containsExactly(1, 4, 5);
    }

    @Test
    void shouldIgnoreDeploymentsThatLostWhenItLooksForTheLiveOne() throws Exception {
        publish(1, 2, 3);
        log("{\"version\":1}", "{\"version\":2,\"expected\":7}", "garbage");

        assertThat(keeping(1).surplusBeside(4)).containsExactly(2, 3);
    }
}
