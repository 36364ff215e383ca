package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TopicCheckTest {
    private static final Topics TOPICS = Topics.ofDefaults();

    private final Map<String, FoundTopic> found = new HashMap<>();

    TopicCheckTest() {
        TOPICS.allWithDeadLetters().forEach(topic -> found.put(topic.name(), asWanted(topic)));
    }

    @Test
    void shouldSayOnceThatAllIsWellWhenItIs() {
        assertThat(findings()).singleElement().satisfies(finding -> {
            assertThat(finding.ok()).isTrue();
            assertThat(finding.detail()).contains("posts flow in 12 partitions");
        });
    }

    @Test
    void shouldNameTheMissingTopicsWhenSomeAre() {
        found.remove("models");
        found.remove("labels.dead-letter");

        assertThat(cures())
                .singleElement()
                .asString()
                .startsWith("[labels.dead-letter, models] missing: start a service");
    }

    @Test
    void shouldCountTheTopicsWhenNoneIsThere() {
        found.clear();

        assertThat(cures()).singleElement().asString().startsWith("none of the 25 topics is there: start a service");
    }

    @Test
    void shouldWantOnePartitionWhenRecordsNeedOneOrder() {
        change("deployments", 2, Map.of());

        assertThat(cures())
                .singleElement()
                .asString()
                .contains("deployments has 2 partitions, not 1")
                .contains("--delete");
    }

    @Test
    void shouldFollowPostsWhenNoNumberOfPartitionsWasAskedFor() {
        for (int posts : new int[] {11, 12, 13}) {
            change("posts", posts, Map.of());
            List<String> cures = cures();
            if (posts == 12) {
                assertThat(cures).isEmpty();
            } else {
                assertThat(cures)
                        .hasSize(7)
                        .allMatch(cure -> cure.contains(" has 12 partitions, not " + posts))
                        .allMatch(cure -> cure.contains(posts > 12 ? "--alter --topic" : "give the others as many"));
            }
        }
    }

    @Test
    void shouldHoldAgainstTheSettingWhenANumberOfPartitionsWasAskedFor() {
        change("posts", 4, Map.of());

        assertThat(cures(OptionalInt.of(12)))
                .containsExactly(
                        "posts has 4 partitions, not 12: kafka-topics.sh --alter --topic posts --partitions 12,"
                                + " or set topic.partitions=4");
    }

    @Test
    void shouldAcceptAnyNumberOfPartitionsWhenATopicHoldsDeadLetters() {
        change("posts.dead-letter", 12, Map.of());

        assertThat(cures()).isEmpty();
    }

    @Test
    void shouldWantTheCleanupOfTheContractWhateverTheOrderOfItsParts() {
        change("embedding-cache", 12, Map.of("cleanup.policy", "delete,compact"));
        assertThat(cures()).isEmpty();

        change("embedding-cache", 12, Map.of("cleanup.policy", "delete"));
        assertThat(cures())
                .singleElement()
                .asString()
                .contains("embedding-cache has cleanup.policy=delete")
                .endsWith("--entity-name embedding-cache --add-config cleanup.policy=[compact,delete]");

        change("embedding-cache", 12, Map.of());
        change("deployments", 1, Map.of("cleanup.policy", "compact"));
        assertThat(cures()).singleElement().asString().endsWith("cleanup.policy=delete");
    }

    @Test
    void shouldWantRoomForTheLargestRecordAndTakeMore() {
        long limit = Topics.MAX_POST_BYTES;
        change("posts", 12, Map.of("max.message.bytes", "" + limit));
        assertThat(cures()).isEmpty();
        change("posts", 12, Map.of("max.message.bytes", "" + (limit + 1)));
        assertThat(cures()).isEmpty();
        change("posts", 12, Map.of("max.message.bytes", "" + (limit - 1)));
        assertThat(cures()).singleElement().asString().contains("posts has max.message.bytes=1048575, not 1048576: ");
    }

    @Test
    void shouldLeaveRetentionToPeopleButForWhatIsKeptForEver() {
        change("posts", 12, Map.of("retention.ms", "1000"));
        assertThat(cures()).isEmpty();

        change("deployments", 1, Map.of("retention.ms", "604800000"));
        assertThat(cures())
                .singleElement()
                .asString()
                .endsWith("--entity-name deployments --add-config retention.ms=-1");
    }

    @Test
    void shouldSayWhenAPartitionHasNoLeader() {
        FoundTopic posts = found.get("posts");
        found.put("posts", new FoundTopic(posts.partitions(), false, posts.configs()));

        assertThat(cures()).singleElement().asString().startsWith("posts has a partition without a leader");
    }

    private List<Finding> findings() {
        return new TopicCheck(TOPICS, OptionalInt.empty(), found).findings();
    }

    private List<String> cures() {
        return cures(OptionalInt.empty());
    }

    private List<String> cures(OptionalInt partitions) {
        return new TopicCheck(TOPICS, partitions, found)
                .findings().stream()
                        .filter(finding -> !finding.ok())
                        .map(Finding::detail)
                        .toList();
    }

    /** As it should be, but for this. */
    private void change(String name, int partitions, Map<String, String> changes) {
        Map<String, String> configs = new HashMap<>(asWanted(topic(name)).configs());
        configs.putAll(changes);
        found.put(name, new FoundTopic(partitions, true, configs));
    }

    private static Topic<?> topic(String name) {
        return TOPICS.allWithDeadLetters().stream()
                .filter(topic -> topic.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static FoundTopic asWanted(Topic<?> topic) {
        return new FoundTopic(topic.partitions(), true, topic.configs());
    }
}
