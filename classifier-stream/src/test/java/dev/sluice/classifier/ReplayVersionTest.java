package dev.sluice.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Trust;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplayVersionTest {
    private final Deployments deployments = new Deployments("default");
    private long offset;

    @Test
    void shouldTakeTheNewestVersionThatIsSoundWhenTheLiveOneIsNotOrIsMissing() {
        ReplayVersion versions = versions(
                Map.of("default/1", Samples.sound(1), "default/2", Samples.sound(2), "default/3", Samples.unsound(3)));
        event(DeploymentAction.DEPLOY, 1);
        event(DeploymentAction.DEPLOY, 2);
        event(DeploymentAction.DEPLOY, 3);
        event(DeploymentAction.DEPLOY, 9);

        assertThat(versions.live(deployments).version()).isEqualTo(2);
    }

    @Test
    void shouldTakeTheLiveVersionWhenAnotherLooksOnOrWasRolledBack() {
        ReplayVersion versions = versions(
                Map.of("default/1", Samples.sound(1), "default/2", Samples.sound(2), "default/3", Samples.sound(3)));
        event(DeploymentAction.DEPLOY, 1);
        event(DeploymentAction.DEPLOY, 2);
        event(DeploymentAction.ROLLBACK, 1);
        event(DeploymentAction.SHADOW, 3);

        assertThat(versions.live(deployments).version()).isEqualTo(1);
    }

    @Test
    void shouldTakeTheVersionNamedWhenItIsNotLive() {
        event(DeploymentAction.DEPLOY, 1);

        assertThat(versions(Map.of("default/1", Samples.sound(1), "default/2", Samples.sound(2)))
                        .named(2)
                        .version())
                .isEqualTo(2);
    }

    @Test
    void shouldSayWhyWhenNoVersionCanAnswer() {
        ReplayVersion none = versions(Map.of());
        ReplayVersion unsound = versions(Map.of("default/2", Samples.unsound(2), "default/10", Samples.sound(10)));
        event(DeploymentAction.DEPLOY, 2);

        assertThatThrownBy(() -> none.named(1)).hasMessageContaining("none is published");
        assertThatThrownBy(() -> unsound.named(1)).hasMessageContaining("published are 2, 10");
        assertThatThrownBy(() -> unsound.named(2)).hasMessageContaining("version 2 is not sound: ");
        assertThatThrownBy(() -> unsound.live(deployments)).hasMessageContaining("no version is live");
    }

    private static ReplayVersion versions(Map<String, byte[]> models) {
        Map<String, Optional<byte[]>> kept = new HashMap<>();
        models.forEach((key, bytes) -> kept.put(key, Optional.of(bytes)));
        return new ReplayVersion(Samples.TOPICS.models().codec(), "default", Trust.OPEN, kept);
    }

    private void event(DeploymentAction action, int version) {
        deployments.add(
                offset++,
                Deployment.newBuilder().setAction(action).setVersion(version).build());
    }
}
