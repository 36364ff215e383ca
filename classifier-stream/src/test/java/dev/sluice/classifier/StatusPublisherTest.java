package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static dev.sluice.classifier.Samples.TOPICS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class StatusPublisherTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final StatusPublisher publisher = new StatusPublisher(
            TOPICS, "host", producer, new ClassifierMetrics(registry), Clock.fixed(TIME, ZoneOffset.UTC));

    private ProducerRecord<byte[], byte[]> sent() {
        assertThat(producer.history()).hasSize(1);
        return producer.history().get(0);
    }

    @Test
    void shouldWriteTheStatusOfItsInstanceWhenADeploymentIsRefused() {
        publisher.deployment(new Reports.Outcome(Arm.LIVE, DeploymentState.REFUSED, 2, Optional.of(1), "why"));

        assertThat(sent().topic()).isEqualTo("deployment-status");
        assertThat(new String(sent().key(), UTF_8)).isEqualTo("default/host");
        assertThat(TOPICS.deploymentStatus().codec().decode(sent().value()))
                .isEqualTo(DeploymentStatus.newBuilder()
                        .setClassifier("default")
                        .setInstance("host")
                        .setState(DeploymentState.REFUSED)
                        .setVersion(2)
                        .setServingVersion(1)
                        .setReason("why")
                        .setAt(TIME)
                        .build());
        assertThat(registry.get("sluice.classifier.deployments")
                        .tag("state", "REFUSED")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void shouldCountButKeepTheStatusWhenAnEventLost() {
        publisher.lost(new Deployments.Change(
                3,
                Deployment.newBuilder().setVersion(2).build(),
                Optional.of(1),
                Optional.of(2),
                Optional.of("version 1 is pinned"),
                false));

        assertThat(producer.history()).isEmpty();
        assertThat(registry.get("sluice.classifier.deployments")
                        .tag("state", "LOST")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void shouldDeleteTheStatusOfEachArmWhenItsInstanceEnds() {
        publisher.withdraw();

        assertThat(producer.history())
                .extracting(record -> new String(record.key(), UTF_8))
                .containsExactly("default/host", "default/host/CANARY", "default/host/SHADOW");
        assertThat(producer.history()).extracting(ProducerRecord::value).containsOnlyNulls();
    }

    @Test
    void shouldKeepAStatusForEachArmWhenVersionsHaveDifferentParts() {
        publisher.deployment(new Reports.Outcome(Arm.SHADOW, DeploymentState.SERVING, 3, Optional.of(3), ""));
        publisher.ended(Arm.SHADOW);

        assertThat(producer.history())
                .extracting(record -> new String(record.key(), UTF_8))
                .containsOnly("default/host/SHADOW");
        assertThat(TOPICS.deploymentStatus()
                        .codec()
                        .decode(producer.history().get(0).value())
                        .getArm())
                .isEqualTo(Arm.SHADOW);
        assertThat(producer.history().get(1).value()).isNull();
    }

    @Test
    void shouldMakeADeadLetterOnlyWhenTheRefusedRecordIsNew() {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("models", 0, 5, new byte[] {1}, new byte[] {2});

        publisher.refused(record, new IllegalArgumentException("old"), false);
        publisher.refused(record, new IllegalArgumentException("new"), true);

        assertThat(sent().topic()).isEqualTo("models.dead-letter");
        assertThat(sent().value()).containsExactly(2);
        assertThat(new String(sent().headers().lastHeader(DeadLetters.MESSAGE).value(), UTF_8))
                .isEqualTo("new");
        assertThat(registry.get("sluice.classifier.refused")
                        .tag("topic", "models")
                        .counter()
                        .count())
                .isEqualTo(2);
    }

    @Test
    void shouldGoOnWhenTheNewsCannotBeSent() {
        producer.sendException = new KafkaException("full");

        publisher.withdraw();
        publisher.deployment(new Reports.Outcome(Arm.LIVE, DeploymentState.SERVING, 1, Optional.of(1), ""));

        assertThat(producer.history()).isEmpty();
    }
}
