package dev.sluice.cli;

import java.util.HashMap;
import java.util.Map;

/**
 * Of a topic that becomes nothing that could be counted, the records that are bad, and their dead letters. What is not bad is to
 * have none. Not for several threads.
 */
final class ChaosRefusals {
    private final int least;
    private final int most;
    private final Map<ChaosPlace, Integer> letters = new HashMap<>();

    /**
     * @param least letters that each bad record is to have
     * @param most as many may be right: services that read for themselves each say what they refuse
     */
    ChaosRefusals(int least, int most) {
        this.least = least;
        this.most = most;
    }

    void addBad(ChaosPlace place) {
        letters.put(place, 0);
    }

    /** @return whether the record there is bad; a letter of any other is wrong */
    boolean addLetter(ChaosPlace place) {
        return letters.computeIfPresent(place, (same, before) -> before + 1) != null;
    }

    int lost() {
        return letters.values().stream().mapToInt(it -> Math.max(0, least - it)).sum();
    }

    int duplicates() {
        return letters.values().stream().mapToInt(it -> Math.max(0, it - most)).sum();
    }

    int bad() {
        return letters.size();
    }

    /** Bad records that have so many letters. */
    int with(int count) {
        return (int) letters.values().stream().filter(it -> it == count).count();
    }
}
