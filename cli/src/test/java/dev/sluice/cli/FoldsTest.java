package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.ModelVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** What commands make of compacted topics: {@link Versions} and {@link LiveVersions}. */
class FoldsTest {
    @Test
    void shouldKeepTheLastOfEachVersionWhenModelsAreRead() {
        Versions versions = new Versions();
        versions.add(read("default/2", TestModels.version(2)));
        versions.add(read("default/10", TestModels.version(10)));
        versions.add(read("default/2", TestModels.answering(2, Optional.of("again"))));

        assertThat(versions.all()).extracting(ModelVersion::getVersion).containsExactly(2, 10);
        assertThat(versions.of(2).orElseThrow().getTraining().getRequestId()).contains("again");
        assertThat(versions.newest().orElseThrow().getVersion()).isEqualTo(10);
    }

    @Test
    void shouldForgetAVersionWhenItWasDeleted() {
        Versions versions = new Versions();
        versions.add(read("default/1", TestModels.version(1)));
        versions.add(deletion("default/7"));
        versions.add(deletion("no number"));
        assertThat(versions.all()).hasSize(1);

        versions.add(deletion("default/1"));

        assertThat(versions.all()).isEmpty();
        assertThat(versions.newest()).isEmpty();
    }

    @Test
    void shouldPassOverARecordWhenItCannotBeRead() {
        Versions versions = new Versions();
        versions.add(read("default/1", TestModels.version(1)));

        versions.add(new TopicReader.Read<>(raw("default/1"), Optional.empty(), Optional.of("garbage")));

        assertThat(versions.all()).hasSize(1);
    }

    @Test
    void shouldBelieveTheNewestWordWhenInstancesDiffer() {
        LiveVersions live = new LiveVersions();
        assertThat(live.version()).isEmpty();

        live.add(read("default/a", status("a", DeploymentState.SERVING, 2, 2, 10)));
        live.add(read("default/b", status("b", DeploymentState.REFUSED, 3, 2, 11)));

        assertThat(live.version()).contains(2);
        assertThat(live.serves(2)).isFalse();
        assertThat(live.serves(3)).isFalse();
        assertThat(live.all()).hasSize(2);
    }

    @Test
    void shouldKeepArmsApartWhenAnInstanceServesMoreThanOneVersion() {
        LiveVersions live = new LiveVersions();
        live.add(read("default/a", status("a", DeploymentState.SERVING, 2, 2, 10)));
        live.add(read("default/a/SHADOW", beside(Arm.SHADOW, DeploymentState.SERVING, 3)));
        live.add(read("default/a/CANARY", beside(Arm.CANARY, DeploymentState.REFUSED, 4)));
        Deployments deployments = new Deployments("default");

        assertThat(live.version()).contains(2);
        assertThat(live.serves(3)).isFalse();
        assertThat(List.of(1, 2, 3, 4))
                .extracting(version ->
                        Role.of(version, live, deployments).map(Role::text).orElse("-"))
                .containsExactly("-", "live", "shadow", "refused");

        live.add(deletion("default/a/SHADOW"));
        assertThat(Role.of(3, live, deployments)).isEmpty();
        assertThat(live.version()).contains(2);
    }

    private static DeploymentStatus beside(Arm arm, DeploymentState state, int version) {
        return DeploymentStatus.newBuilder(status("a", state, version, version, 11))
                .setArm(arm)
                .build();
    }

    @Test
    void shouldForgetAnInstanceWhenItHasGone() {
        LiveVersions live = new LiveVersions();
        live.add(read("default/a/1", status("a/1", DeploymentState.SERVING, 2, 2, 10)));
        assertThat(live.serves(2)).isTrue();

        live.add(deletion("default/a/1"));

        assertThat(live.all()).isEmpty();
        assertThat(live.version()).isEmpty();
    }

    private static DeploymentStatus status(
            String instance, DeploymentState state, int version, int serving, int second) {
        return DeploymentStatus.newBuilder()
                .setClassifier("default")
                .setInstance(instance)
                .setState(state)
                .setVersion(version)
                .setServingVersion(serving)
                .setAt(TestModels.TIME.plusSeconds(second))
                .build();
    }

    private static <V> TopicReader.Read<V> read(String key, V value) {
        return new TopicReader.Read<>(raw(key), Optional.of(value), Optional.empty());
    }

    private static <V> TopicReader.Read<V> deletion(String key) {
        return new TopicReader.Read<>(raw(key), Optional.empty(), Optional.empty());
    }

    private static ConsumerRecord<byte[], byte[]> raw(String key) {
        return new ConsumerRecord<>("t", 0, 0, key.getBytes(StandardCharsets.UTF_8), null);
    }
}
