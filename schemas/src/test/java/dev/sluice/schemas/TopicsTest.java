package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    @Test
    void shouldShareThePostsAndKeepItsOwnModelsWhenAClassifierHasAName() {
        Topics topics = new Topics("forum.", "spam", 4);

        assertThat(topics.posts().name()).isEqualTo("forum.posts");
        assertThat(topics.models().name()).isEqualTo("forum.models.spam");
        assertThat(Topics.ofDefaults().models().name()).isEqualTo("models");
    }

    @Test
    void shouldCreateADeadLetterTopicWithRoomForTheReasonWhenATopicIsCreated() {
        NewTopic deadLetters = Topics.ofDefaults().creations(Replication.OF_BROKER).stream()
                .filter(topic -> topic.name().equals("posts.dead-letter"))
                .findFirst()
                .orElseThrow();

        assertThat(deadLetters.configs()).containsEntry("max.message.bytes", "" + (1024 * 1024 + 64 * 1024));
    }

    @Test
    void shouldGiveModelsAndTheirDeadLettersTheRoomAskedForWhenTopicsAreCreated() {
        Topics topics = new Topics("", "default", 4, 1 << 20);

        assertThat(topics.models().configs())
                .containsEntry("max.message.bytes", "1048576")
                .containsEntry("segment.bytes", "4194304");
        assertThat(topics.creations(Replication.OF_BROKER))
                .filteredOn(topic -> topic.name().equals("models.dead-letter"))
                .singleElement()
                .satisfies(topic -> assertThat(topic.configs()).containsEntry("max.message.bytes", "1114112"));
        assertThat(Topics.ofDefaults().maxModelBytes()).isEqualTo(32 << 20);
    }

    @Test
    void shouldReplicateEveryTopicAsAskedForWhenTopicsAreCreated() {
        assertThat(Topics.ofDefaults().creations(new Replication((short) 3, (short) 2)))
                .allSatisfy(topic -> {
                    assertThat(topic.replicationFactor()).as(topic.name()).isEqualTo((short) 3);
                    assertThat(topic.configs()).as(topic.name()).containsEntry("min.insync.replicas", "2");
                });
        assertThat(Topics.ofDefaults().creations(Replication.OF_BROKER)).allSatisfy(topic -> {
            assertThat(topic.replicationFactor()).as(topic.name()).isEqualTo((short) -1);
            assertThat(topic.configs()).as(topic.name()).doesNotContainKey("min.insync.replicas");
        });
    }

    @Test
    void shouldKeepDeploymentsForEverWhenTopicsAreCreated() {
        assertThat(Topics.ofDefaults().deployments().configs())
                .containsEntry("retention.ms", "-1")
                .containsEntry("cleanup.policy", "delete");
    }

    @Test
    void shouldCompactTheCacheAndLetItExpireWhenTopicsAreCreated() {
        assertThat(Topics.ofDefaults().embeddingCache().configs())
                .containsEntry("cleanup.policy", "compact,delete")
                .containsEntry("retention.ms", "2592000000")
                .containsEntry("segment.ms", "86400000");
    }

    @Test
    void shouldCreateNoDeadLetterTopicOfTheCacheWhenTopicsAreCreated() {
        assertThat(new Topics("forum.", "spam", 4).creations(Replication.OF_BROKER))
                .extracting(NewTopic::name)
                .contains("forum.embedding-cache")
                .doesNotContain("forum.embedding-cache.dead-letter");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Spam", "a b", "-x"})
    void shouldRefuseWhenAClassifiersNameIsNotFitForATopic(String name) {
        assertThatThrownBy(() -> new Topics("", name, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
