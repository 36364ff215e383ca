package dev.sluice.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Dead letters by topic and reason. Reasons that differ in numbers only are one, or each length of a text would be a group of
 * its own. No more groups are kept than a person reads, so that a topic full of odd reasons costs no memory.
 */
final class LetterGroups {
    static final int MOST_GROUPS = 500;
    static final String OTHERS = "other reasons";

    private final SettledLetters settled;
    private final Map<String, Group> groups = new TreeMap<>();

    /**
     * @param letters how many
     * @param settled how many of them were sent again
     * @param newest the last of them
     */
    record Group(String topic, long letters, long settled, DeadLetter newest) {
        Group with(DeadLetter letter, boolean sent) {
            DeadLetter last = letter.at().isBefore(newest.at()) ? newest : letter;
            return new Group(topic, letters + 1, settled + (sent ? 1 : 0), last);
        }
    }

    LetterGroups(SettledLetters settled) {
        this.settled = settled;
    }

    void add(DeadLetter letter) {
        String topic = letter.raw().topic();
        String key = topic + "\n" + letter.reason().replaceAll("\\d+", "#");
        if (groups.size() >= MOST_GROUPS && !groups.containsKey(key)) {
            key = topic + "\n" + OTHERS;
        }
        boolean sent = settled.contains(letter);
        Group before = groups.get(key);
        groups.put(
                key,
                before == null
                        ? new Group(topic, 1, sent ? 1 : 0, withoutBytes(letter))
                        : before.with(withoutBytes(letter), sent));
    }

    /** What is shown of it needs neither its value nor its headers, which may be megabytes. */
    private static DeadLetter withoutBytes(DeadLetter letter) {
        return new DeadLetter(
                new ConsumerRecord<>(
                        letter.raw().topic(),
                        letter.raw().partition(),
                        letter.raw().offset(),
                        null,
                        null),
                letter.source(),
                letter.offset(),
                letter.reason(),
                letter.exception(),
                letter.service(),
                letter.at(),
                letter.redrives(),
                letter.cut());
    }

    /** By topic, those of many letters first. */
    Collection<Group> groups() {
        List<Group> sorted = new ArrayList<>(groups.values());
        sorted.sort(Comparator.comparing(Group::topic)
                .thenComparing(Comparator.comparingLong(Group::letters).reversed()));
        return sorted;
    }
}
