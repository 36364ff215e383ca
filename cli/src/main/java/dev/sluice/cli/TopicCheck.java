package dev.sluice.cli;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether the topics are as the services make them. Somebody else may have made them, or changed them since: more room or
 * another retention is their business; what would lose records, stop a service or mix up an order is named, with the
 * command that mends it.
 */
final class TopicCheck {
    private static final String ABOUT = "topics";
    private static final String FOR_EVER = "-1";

    private final Topics wanted;
    private final OptionalInt partitions;
    private final Map<String, FoundTopic> found;

    /**
     * @param partitions that were asked for of the topics that posts flow through; else they are to have as many as {@code
     *     posts}
     * @param found by name, at least those of the topics wanted that exist
     */
    TopicCheck(Topics wanted, OptionalInt partitions, Map<String, FoundTopic> found) {
        this.wanted = wanted;
        this.partitions = partitions;
        this.found = Map.copyOf(found);
    }

    /** What is wrong, or one line that says that nothing is. */
    List<Finding> findings() {
        List<Finding> wrong = new ArrayList<>();
        missing().ifPresent(wrong::add);
        for (Topic<?> topic : wanted.allWithDeadLetters()) {
            if (found.containsKey(topic.name())) {
                faults(topic, found.get(topic.name())).forEach(fault -> wrong.add(Finding.cure(ABOUT, fault)));
            }
        }
        return wrong.isEmpty() ? List.of(Finding.ok(ABOUT, summary())) : wrong;
    }

    private Optional<Finding> missing() {
        Set<String> missing = new TreeSet<>();
        wanted.allWithDeadLetters().forEach(topic -> missing.add(topic.name()));
        int all = missing.size();
        missing.removeAll(found.keySet());
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        String which = missing.size() == all ? "none of the " + all + " topics is there" : missing + " missing";
        return Optional.of(Finding.cure(
                ABOUT, which + ": start a service, which creates them, or check --prefix and --classifier"));
    }

    private List<String> faults(Topic<?> topic, FoundTopic is) {
        List<String> faults = new ArrayList<>();
        if (!is.led()) {
            faults.add(topic.name() + " has a partition without a leader: start the broker that holds it");
        }
        partitionFault(topic, is.partitions()).ifPresent(faults::add);
        configFault(topic, is, CLEANUP_POLICY_CONFIG).ifPresent(faults::add);
        configFault(topic, is, MAX_MESSAGE_BYTES_CONFIG).ifPresent(faults::add);
        configFault(topic, is, RETENTION_MS_CONFIG).ifPresent(faults::add);
        return faults;
    }

    /** Dead letters have no order that counts, so any number will do for them. */
    private Optional<String> partitionFault(Topic<?> topic, int is) {
        boolean ordered = topic.partitions() == 1;
        int should = ordered ? 1 : flowing();
        if (is == should || wanted.all().stream().noneMatch(each -> each.name().equals(topic.name()))) {
            return Optional.empty();
        }
        String fault = topic.name() + " has " + is + " partitions, not " + should;
        if (ordered) {
            return Optional.of(fault + ", and its records need one order: stop the services, delete it (kafka-topics.sh"
                    + " --delete --topic " + topic.name() + "; what lies there is lost), and start them again");
        }
        String orSay = partitions.isPresent() ? ", or set " + ServiceConfig.TOPIC_PARTITIONS + "=" + is : "";
        return Optional.of(
                is < should
                        ? fault + ": kafka-topics.sh --alter --topic " + topic.name() + " --partitions " + should
                                + orSay
                        : fault + ": none can be taken away, so give the others as many" + orSay);
    }

    private int flowing() {
        FoundTopic posts = found.get(wanted.posts().name());
        return partitions.orElse(posts == null ? wanted.posts().partitions() : posts.partitions());
    }

    private static Optional<String> configFault(Topic<?> topic, FoundTopic is, String name) {
        String should = topic.configs().get(name);
        String value = is.configs().getOrDefault(name, "");
        if (should == null || value.isEmpty() || suits(name, should, value)) {
            return Optional.empty();
        }
        return Optional.of(topic.name() + " has " + name + "=" + value + ", not " + should
                + ": kafka-configs.sh --alter --entity-type topics --entity-name " + topic.name() + " --add-config "
                + name + "=" + (should.contains(",") ? "[" + should + "]" : should));
    }

    private static boolean suits(String name, String should, String value) {
        return switch (name) {
            case MAX_MESSAGE_BYTES_CONFIG -> Long.parseLong(value) >= Long.parseLong(should);
            case RETENTION_MS_CONFIG -> !should.equals(FOR_EVER) || value.equals(FOR_EVER);
            default -> Set.of(value.split(",")).equals(Set.of(should.split(",")));
        };
    }

    private String summary() {
        return wanted.allWithDeadLetters().size() + " are there, and as they should be; posts flow in " + flowing()
                + (flowing() == 1 ? " partition" : " partitions");
    }
}
