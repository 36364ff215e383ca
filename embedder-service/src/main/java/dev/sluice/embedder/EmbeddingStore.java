package dev.sluice.embedder;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Vectors on the heap, bounded by bytes: those that were put or found last stay. As many shelves as the cache's topic has
 * partitions, each with an equal part of the room, and a key lies on the shelf of its partition: whatever order the
 * partitions are read in at a start, the newest of each survive.
 *
 * <p>Least recently used, and nothing cleverer, because of what the cache is for: an embedder that starts anew must find
 * the texts that were paid for last. Caffeine, once full, keeps what is asked for often and turns newcomers away; RocksDB
 * holds more, on disk, for a native library of 70 MB and several times the time. {@code EmbeddingStoreBenchmark} compares
 * them.
 *
 * <p>Safe for use by several threads. Vectors are handed on as they are: nobody may change one.
 */
final class EmbeddingStore {
    /** What a key and its place in the map take, in bytes: the rule is 64 characters of key. */
    static final int ENTRY_BYTES = 200;

    private static final int SHELF_DIGITS = 7;

    private final List<Shelf> shelves;

    /**
     * @param parts 1 or more
     * @param maxBytes of all entries together, split evenly
     */
    EmbeddingStore(int parts, long maxBytes) {
        shelves = IntStream.range(0, parts)
                .mapToObj(i -> new Shelf(maxBytes / parts))
                .toList();
    }

    /** Bytes that a vector of so many dimensions takes, with its key. */
    static long bytesOf(int dimensions) {
        return (long) dimensions * Float.BYTES + ENTRY_BYTES;
    }

    /**
     * @param key a hash in hex: its first digits decide
     * @return from 0
     */
    int partOf(String key) {
        return Integer.parseInt(key, 0, SHELF_DIGITS, 16) % shelves.size();
    }

    Optional<float[]> find(String key) {
        return shelfOf(key).find(key);
    }

    void put(String key, float[] vector) {
        shelfOf(key).put(key, vector);
    }

    /** @return whether there was none */
    boolean putIfAbsent(String key, float[] vector) {
        return shelfOf(key).putIfAbsent(key, vector);
    }

    void remove(String key) {
        shelfOf(key).remove(key);
    }

    int size() {
        return shelves.stream().mapToInt(Shelf::size).sum();
    }

    long bytes() {
        return shelves.stream().mapToLong(Shelf::bytes).sum();
    }

    private Shelf shelfOf(String key) {
        return shelves.get(partOf(key));
    }

    /** A part of the store. */
    private static final class Shelf {
        private final Map<String, float[]> vectors =
                new LinkedHashMap<>(16, 0.75f, true); // in the order of their last use
        private final long maxBytes;
        private long bytes;

        Shelf(long maxBytes) {
            this.maxBytes = maxBytes;
        }

        synchronized Optional<float[]> find(String key) {
            return Optional.ofNullable(vectors.get(key));
        }

        synchronized boolean putIfAbsent(String key, float[] vector) {
            boolean absent = !vectors.containsKey(key);
            if (absent) {
                put(key, vector);
            }
            return absent;
        }

        synchronized void put(String key, float[] vector) {
            remove(key);
            vectors.put(key, vector);
            bytes += bytesOf(vector.length);
            Iterator<float[]> longestUnused = vectors.values().iterator();
            while (bytes > maxBytes) {
                bytes -= bytesOf(longestUnused.next().length);
                longestUnused.remove();
            }
        }

        synchronized void remove(String key) {
            float[] removed = vectors.remove(key);
            if (removed != null) {
                bytes -= bytesOf(removed.length);
            }
        }

        synchronized int size() {
            return vectors.size();
        }

        synchronized long bytes() {
            return bytes;
        }
    }
}
