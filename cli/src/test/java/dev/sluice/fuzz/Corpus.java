package dev.sluice.fuzz;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** The inputs that are mutated on: what it began with, and each that made something happen that none before it did. */
final class Corpus {
    private static final int MOST_KEPT = 4000;
    private static final int NEWEST = 50;

    /** In shorter inputs, what is needed once hides what a byte costs. */
    private static final int LONG = 10_000;

    private final List<byte[]> seeds;
    private final List<byte[]> kept = new ArrayList<>();
    private final Set<Integer> kinds = new HashSet<>();
    private long read;
    private long mostAllocated;
    private double mostPerByte;

    /** @param seeds one or more */
    Corpus(List<byte[]> seeds) {
        this.seeds = seeds;
    }

    void add(byte[] input, Outcome outcome) {
        if (kinds.add(outcome.kind()) && kept.size() < MOST_KEPT) {
            kept.add(input);
        }
        read += outcome.thrown().isEmpty() ? 1 : 0;
        mostAllocated = Math.max(mostAllocated, outcome.allocated());
        if (input.length >= LONG) {
            mostPerByte = Math.max(mostPerByte, (double) outcome.allocated() / input.length);
        }
    }

    byte[] seed(SplittableRandom random) {
        return seeds.get(random.nextInt(seeds.size()));
    }

    /** Half the time one of the newest: they are further in. */
    byte[] any(SplittableRandom random) {
        int size = seeds.size() + kept.size();
        int at = random.nextBoolean() ? random.nextInt(size) : size - 1 - random.nextInt(Math.min(size, NEWEST));
        return at < seeds.size() ? seeds.get(at) : kept.get(at - seeds.size());
    }

    String summary(int tries) {
        return String.format(
                "%d kinds of outcome, %.1f %% read, at most %,d KiB a try and %.0f bytes a byte",
                kinds.size(), 100.0 * read / Math.max(1, tries), mostAllocated / 1024, mostPerByte);
    }
}
