package dev.sluice.embedder;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sluice.schemas.Vectors;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.CompactionOptionsFIFO;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * Where an embedder keeps its part of the embedding cache: on the heap, used last stays ({@link EmbeddingStore}); on the heap
 * in Caffeine; on disk in RocksDB, the oldest files go. Each is filled with entries as a start would from the topic, and
 * asked for them; then filled with twice what the bound takes, to see which remain. The argument names one of them, so
 * that each has a process of its own.
 */
final class EmbeddingStoreBenchmark {
    private static final int ENTRIES = 150_000;
    private static final int DIMENSIONS = 768;
    private static final int GETS = 300_000;
    private static final int NEWEST = 10_000;

    private EmbeddingStoreBenchmark() {}

    /** What the three have in common. */
    private interface Store extends AutoCloseable {
        void put(String key, float[] vector);

        Optional<float[]> find(String key);

        default long diskBytes() {
            return 0;
        }

        @Override
        default void close() {}
    }

    private static final class OnHeap implements Store {
        private final EmbeddingStore store;

        OnHeap(long maxBytes) {
            store = new EmbeddingStore(12, maxBytes);
        }

        @Override
        public void put(String key, float[] vector) {
            store.put(key, vector);
        }

        @Override
        public Optional<float[]> find(String key) {
            return store.find(key);
        }
    }

    private static final class InCaffeine implements Store {
        private final Cache<String, float[]> cache;

        InCaffeine(long maxBytes) {
            cache = Caffeine.newBuilder()
                    .maximumWeight(maxBytes)
                    .weigher((String key, float[] vector) -> (int) EmbeddingStore.bytesOf(vector.length))
                    .build();
        }

        @Override
        public void put(String key, float[] vector) {
            cache.put(key, vector);
        }

        @Override
        public Optional<float[]> find(String key) {
            return Optional.ofNullable(cache.getIfPresent(key));
        }
    }

    private static final class InRocksDb implements Store {
        private final Path folder;
        private final Options options = new Options();
        private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
        private final RocksDB db;

        InRocksDb(long maxBytes) {
            try {
                folder = Files.createTempDirectory("embedding-store");
                options.setCreateIfMissing(true)
                        .setCompactionStyle(CompactionStyle.FIFO)
                        .setCompactionOptionsFIFO(new CompactionOptionsFIFO().setMaxTableFilesSize(maxBytes))
                        .setCompressionType(CompressionType.NO_COMPRESSION)
                        .setWriteBufferSize(16 * 1024 * 1024)
                        .setTableFormatConfig(new BlockBasedTableConfig().setFilterPolicy(new BloomFilter(10)));
                db = RocksDB.open(options, folder.toString());
            } catch (IOException | RocksDBException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void put(String key, float[] vector) {
            try {
                db.put(
                        unlogged,
                        HexFormat.of().parseHex(key),
                        Vectors.toBytes(vector).array());
            } catch (RocksDBException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Optional<float[]> find(String key) {
            try {
                return Optional.ofNullable(db.get(HexFormat.of().parseHex(key)))
                        .map(bytes -> Vectors.fromBytes(ByteBuffer.wrap(bytes)));
            } catch (RocksDBException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public long diskBytes() {
            try (Stream<Path> files = Files.list(folder)) {
                return files.map(Path::toFile).mapToLong(File::length).sum();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            db.close();
            options.close();
            unlogged.close();
            try (Stream<Path> files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static Store open(String name, long maxBytes) {
        return switch (name) {
            case "heap" -> new OnHeap(maxBytes);
            case "caffeine" -> new InCaffeine(maxBytes);
            case "rocksdb" -> new InRocksDb(maxBytes);
            default -> throw new IllegalArgumentException("heap, caffeine or rocksdb, not " + name);
        };
    }

    public static void main(String[] args) throws IOException {
        String name = args[0];
        long all = ENTRIES * EmbeddingStore.bytesOf(DIMENSIONS);
        long room = all + all / 4; // nothing has to go
        for (int round = 0; round < 3; round++) {
            measure(name, room);
        }
        try (Store store = open(name, all / 2)) {
            fill(store);
            System.out.printf(
                    Locale.ROOT,
                    "%-8s of the newest %,d of twice the bound, found: %.0f %%%n",
                    name,
                    NEWEST,
                    100.0 * found(store, ENTRIES - NEWEST, NEWEST) / NEWEST);
        }
    }

    private static void measure(String name, long room) throws IOException {
        long heap = heapBytes();
        long resident = residentBytes();
        long begin = System.nanoTime();
        try (Store store = open(name, room)) {
            long opened = System.nanoTime();
            fill(store);
            long filled = System.nanoTime();
            long[] gets = gets(store);
            System.out.printf(
                    Locale.ROOT,
                    "%-8s open %.1f ms, fill %,.0f/s, get p50 %.1f us p99 %.1f us, heap %d MB, resident %d MB, disk %d MB%n",
                    name,
                    (opened - begin) / 1e6,
                    ENTRIES / ((filled - opened) / 1e9),
                    gets[GETS / 2] / 1e3,
                    gets[GETS * 99 / 100] / 1e3,
                    (heapBytes() - heap) >> 20,
                    (residentBytes() - resident) >> 20,
                    store.diskBytes() >> 20);
        }
    }

    private static void fill(Store store) {
        SplittableRandom random = new SplittableRandom(1);
        float[] example = new float[DIMENSIONS];
        for (int i = 0; i < DIMENSIONS; i++) {
            example[i] = (float) random.nextDouble() - 0.5f;
        }
        for (int i = 0; i < ENTRIES; i++) {
            float[] vector = example.clone();
            vector[i % DIMENSIONS] = i;
            store.put(keyOf(i), vector);
        }
    }

    private static long[] gets(Store store) {
        Random random = new Random(2);
        long[] nanos = new long[GETS];
        for (int i = 0; i < GETS; i++) {
            String key = keyOf(random.nextInt(ENTRIES));
            long begin = System.nanoTime();
            Optional<float[]> vector = store.find(key);
            nanos[i] = System.nanoTime() - begin;
            if (vector.isEmpty()) {
                throw new IllegalStateException("the bound takes all, but " + key + " is gone");
            }
        }
        Arrays.sort(nanos);
        return nanos;
    }

    private static int found(Store store, int from, int count) {
        int found = 0;
        for (int i = from; i < from + count; i++) {
            found += store.find(keyOf(i)).isPresent() ? 1 : 0;
        }
        return found;
    }

    /** As a hash would spread them, always the same. */
    private static String keyOf(int i) {
        SplittableRandom random = new SplittableRandom(i);
        HexFormat hex = HexFormat.of();
        return Stream.generate(() -> hex.toHexDigits(random.nextLong()))
                .limit(4)
                .reduce("", String::concat);
    }

    private static long heapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long residentBytes() throws IOException {
        List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
        return status.stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }
}
