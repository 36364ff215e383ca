package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Records that can never be processed, one batch of each kind, for the topics that anybody may write to. Each says in a header
 * that it is bad, so that a checker need not judge it by what it is there to check.
 */
final class ChaosPoison {
    static final int POSTS_A_BATCH = 9;
    static final int LABELS_A_BATCH = 3;
    static final int MODELS_A_BATCH = 2;
    static final int DEPLOYMENTS_A_BATCH = 3;

    private static final String BAD = "chaos.bad";
    private static final byte[] KEY = "poison".getBytes(UTF_8);
    private static final byte[] UNKNOWN_SCHEMA = {(byte) 0xC3, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
    private static final int DEEP = 5_000;
    private static final int LARGE_HEADER = 50 * 1024;
    private static final int LARGE_VALUE = 900 * 1024;

    /** So far above those that a trainer gives that no two meet, and each used once. */
    private static final int FIRST_BAD_VERSION = 1_000_000;

    private final Topics topics;
    private int badVersions;

    ChaosPoison(Topics topics) {
        this.topics = topics;
    }

    List<ProducerRecord<byte[], byte[]>> posts() {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (byte[] value : List.of(
                utf8("no JSON"),
                utf8("{\"text\":"),
                utf8("{\"id\":\"without a text\"}"),
                utf8("{\"text\":\"deep\",\"more\":" + "[".repeat(DEEP) + "]".repeat(DEEP) + "}"),
                new byte[0],
                UNKNOWN_SCHEMA,
                new byte[LARGE_VALUE])) {
            records.add(bad(topics.posts().name(), KEY, value));
        }
        records.add(bad(topics.posts().name(), KEY, null));
        ProducerRecord<byte[], byte[]> large = bad(topics.posts().name(), KEY, utf8("no JSON either"));
        large.headers().add("large", new byte[LARGE_HEADER]);
        records.add(large);
        records.add(bad(topics.embeddedPosts().name(), KEY, UNKNOWN_SCHEMA));
        records.add(bad(topics.embeddedPosts().name(), KEY, null));
        return records;
    }

    /** Versions whose seal is broken, or that are no versions at all, and the wish to have them live. */
    List<ProducerRecord<byte[], byte[]>> models(EmbeddingSpace space) {
        int version = FIRST_BAD_VERSION - ++badVersions;
        ModelVersion sound = TestModels.of(version, space);
        ModelVersion broken = ModelVersion.newBuilder(sound)
                .setNetwork(TestModels.of(version, TestModels.SPACE).getNetwork())
                .build();
        byte[] key = utf8(ModelVersions.keyOf("default", version));
        return List.of(
                bad(topics.models().name(), key, topics.models().codec().encode(broken)),
                bad(topics.models().name(), utf8("default/none-" + version), utf8("no model")),
                deployment(DeploymentAction.DEPLOY, version));
    }

    /** What is no deployment, of nobody, or of nothing; and then a sound one. */
    List<ProducerRecord<byte[], byte[]>> deployments(int sound) {
        String topic = topics.deployments().name();
        return List.of(
                bad(topic, KEY, utf8("no deployment")),
                bad(topic, null, utf8("{\"version\":0}")),
                bad(topic, KEY, null),
                deployment(DeploymentAction.DEPLOY, FIRST_BAD_VERSION + 77),
                deployment(DeploymentAction.DEPLOY, sound));
    }

    /** An operator's wish. */
    ProducerRecord<byte[], byte[]> deployment(DeploymentAction action, int version) {
        return new ProducerRecord<>(
                topics.deployments().name(),
                utf8("default"),
                topics.deployments()
                        .codec()
                        .encode(Deployment.newBuilder()
                                .setAction(action)
                                .setVersion(version)
                                .build()));
    }

    List<ProducerRecord<byte[], byte[]>> labels() {
        String topic = topics.labels().name();
        return List.of(
                bad(topic, KEY, utf8("no label")),
                bad(topic, KEY, utf8("{\"label\":[1]}")),
                new ProducerRecord<>(topic, utf8("a post that never was"), utf8("{\"label\":\"a\"}")),
                new ProducerRecord<>(topic, KEY, null),
                bad(topic, KEY, UNKNOWN_SCHEMA));
    }

    /** Whether this is a number of versions that are not sound; only these have such. */
    static boolean isBadVersion(int version) {
        return version < FIRST_BAD_VERSION && version > FIRST_BAD_VERSION / 2;
    }

    /** That of the newest batch of bad models. */
    int newestBadVersion() {
        return FIRST_BAD_VERSION - badVersions;
    }

    static boolean isBad(ConsumerRecord<?, ?> record) {
        return record.headers().lastHeader(BAD) != null;
    }

    /** A record that says of itself that it is bad. */
    static ProducerRecord<byte[], byte[]> bad(String topic, byte[] key, byte[] value) {
        return new ProducerRecord<>(topic, null, key, value, badHeaders());
    }

    static Headers badHeaders() {
        return new RecordHeaders().add(BAD, new byte[0]);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
