package dev.sluice.cli;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A set of offsets, as ranges, and as text: {@code 0-17,19,25-30}. Not thread-safe. */
final class OffsetRanges {
    /** First offset of each range, with its last. */
    private final TreeMap<Long, Long> ranges = new TreeMap<>();

    /** @throws IllegalArgumentException if the text is none */
    static OffsetRanges parse(String text) {
        OffsetRanges parsed = new OffsetRanges();
        for (String range : text.isEmpty() ? new String[0] : text.split(",")) {
            String[] ends = range.split("-", 2);
            parsed.ranges.put(Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1]));
        }
        return parsed;
    }

    boolean contains(long offset) {
        Map.Entry<Long, Long> below = ranges.floorEntry(offset);
        return below != null && offset <= below.getValue();
    }

    void add(long offset) {
        if (contains(offset)) {
            return;
        }
        Map.Entry<Long, Long> below = ranges.floorEntry(offset);
        long first = below != null && below.getValue() == offset - 1 ? below.getKey() : offset;
        Long joined = ranges.remove(offset + 1);
        ranges.put(first, joined == null ? offset : joined);
    }

    /** Nothing lies between these two: if both are in the set, so is all between them. */
    void join(long offset, long next) {
        if (offset < next && contains(offset) && contains(next)) {
            long first = ranges.floorKey(offset);
            long last = ranges.floorEntry(next).getValue();
            ranges.subMap(first, true, next, true).clear();
            ranges.put(first, last);
        }
    }

    /** What lies before is gone from the topic. */
    void forgetBelow(long offset) {
        Map.Entry<Long, Long> across = ranges.lowerEntry(offset);
        ranges.headMap(offset).clear();
        if (across != null && across.getValue() >= offset) {
            ranges.put(offset, across.getValue());
        }
    }

    @Override
    public String toString() {
        return ranges.entrySet().stream()
                .map(range -> range.getKey().equals(range.getValue())
                        ? range.getKey().toString()
                        : range.getKey() + "-" + range.getValue())
                .collect(Collectors.joining(","));
    }
}
