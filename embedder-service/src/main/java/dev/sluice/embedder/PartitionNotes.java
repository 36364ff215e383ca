package dev.sluice.embedder;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Partitions come with a note of what their last owner has used, and go with one. A note that says "held" was written by an
 * owner that died or was shut out: what it did after that is unknown, so the rest of the share counts as used just now.
 *
 * <p>What this cannot see: an owner that is shut out and goes on calling until its next poll tells it so.
 *
 * <p>Not safe for use by several threads.
 */
final class PartitionNotes {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionNotes.class);

    /** In place of a note: it could not be read, so its next owner must expect the worst. No quota notes this. */
    static final String UNKNOWN_USE = "?";

    /** In place of a note: the partition was added while others were at work. */
    static final String NEWCOMER = "+";

    /** What nothing is known of. */
    private static final String UNKNOWN = new QuotaNote(true, Map.of()).text(Map.of());

    /** Without a quota a minute, the part of a day's share that a dead owner may have used after its last note. */
    private static final int UNSEEN_PART = 20;

    private final List<SharedLimit> limits;
    private final Set<Integer> owned = new TreeSet<>();
    private final Map<Integer, String> given = new HashMap<>();
    private int partitions;

    PartitionNotes(List<SharedLimit> limits) {
        this.limits = limits;
    }

    boolean ownsNone() {
        return owned.isEmpty();
    }

    int owned() {
        return owned.size();
    }

    int partitions() {
        return partitions;
    }

    void take(int partition, int topicHas, String text) {
        int count = Math.max(partitions, topicHas); // a topic never loses one, but who is asked may not know it yet
        Optional<QuotaNote> note = read(partition, text);
        for (SharedLimit limit : limits) {
            limit.take(
                    partition,
                    count,
                    note.map(it -> (Map<Long, Long>) it.of(limit.kind())).orElse(Map.of()));
        }
        if (text.equals(NEWCOMER)) {
            limits.forEach(limit -> limit.chargeNewcomer(partition));
        } else if (!text.isEmpty() && note.map(QuotaNote::held).orElse(true)) {
            chargeUnseen(partition);
        }
        partitions = count;
        owned.add(partition);
        given.remove(partition);
    }

    /** @return whether that is news */
    boolean recount(int topicHas) {
        if (topicHas <= partitions) {
            return false;
        }
        partitions = topicHas;
        limits.forEach(limit -> limit.recount(topicHas));
        return true;
    }

    private static Optional<QuotaNote> read(int partition, String text) {
        if (text.isEmpty() || text.equals(UNKNOWN_USE) || text.equals(NEWCOMER)) {
            return Optional.empty();
        }
        try {
            QuotaNote note = QuotaNote.parse(text);
            if (note.held()) {
                LOG.info("the last owner of partition {} did not give it up: its share counts as used", partition);
            }
            return Optional.of(note);
        } catch (IllegalArgumentException e) {
            LOG.warn(
                    "what partition {} has used of the quota cannot be read, so its share counts as used: {}",
                    partition,
                    e.getMessage());
            return Optional.empty();
        }
    }

    /** In a minute no more than the share can be unseen; of the day, so much of it as a minute could have used. */
    private void chargeUnseen(int partition) {
        long unseen = -1;
        for (SharedLimit limit : limits) {
            switch (limit.kind()) {
                case REQUESTS -> unseen = limit.chargeUnseen(partition, Long.MAX_VALUE);
                case TOKENS -> limit.chargeUnseen(partition, Long.MAX_VALUE);
                case DAY -> limit.chargeUnseen(partition, unseen >= 0 ? unseen : limit.share() / UNSEEN_PART + 1);
            }
        }
    }

    String held(int partition) {
        return owned.contains(partition) ? write(partition, true) : given.getOrDefault(partition, unknown());
    }

    String give(int partition) {
        if (owned.remove(partition)) {
            given.put(partition, write(partition, false));
            limits.forEach(limit -> limit.remove(partition));
        }
        return given.getOrDefault(partition, unknown());
    }

    private String unknown() {
        return limits.isEmpty() ? "" : UNKNOWN;
    }

    void drop(int partition) {
        owned.remove(partition);
        given.remove(partition);
        limits.forEach(limit -> limit.remove(partition));
    }

    private String write(int partition, boolean held) {
        Map<QuotaKind, NavigableMap<Long, Long>> charges = new EnumMap<>(QuotaKind.class);
        Map<QuotaKind, Long> widths = new EnumMap<>(QuotaKind.class);
        for (SharedLimit limit : limits) {
            charges.put(limit.kind(), limit.toNote(partition, held));
            widths.put(limit.kind(), limit.period().noteWidth());
        }
        return limits.isEmpty() ? "" : new QuotaNote(held, charges).text(widths);
    }
}
