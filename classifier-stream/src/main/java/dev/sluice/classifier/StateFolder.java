package dev.sluice.classifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.errors.StreamsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where Kafka Streams keeps the models: below the folder that was set, by cluster, since the copy of one cluster's topic
 * is wrong for another's; or in a temporary folder, gone at the end. Either way a copy only: the topic is the truth.
 *
 * <p>A folder that was set is locked for as long as it is open. The lock is the operating system's, so a killed process
 * leaves none; Kafka Streams has one too, and tells it neither from a folder that cannot be written nor from a full disk.
 */
final class StateFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);

    private static final String LEARNING = "labels-";

    /** What Kafka Streams needs at least to make its files. */
    private static final int PROBE_BYTES = 64 * 1024;

    private final Path path;
    private final Optional<FileChannel> lock;

    private StateFolder(Path path, Optional<FileChannel> lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * @param kept the folder that was set, if one was
     * @param application that keeps its state there, one process at a time; another may use the same folder
     * @throws ConfigException if another instance has it, or there is no writing there
     */
    static StateFolder open(Optional<Path> kept, String clusterId, String application) {
        try {
            if (kept.isEmpty()) {
                return new StateFolder(Files.createTempDirectory("sluice-classifier"), Optional.empty());
            }
            Path folder = Files.createDirectories(kept.get().resolve(clusterId));
            FileChannel lock = locked(kept.get().resolve(clusterId + "." + application + ".lock"))
                    .orElseThrow(() -> refusal(kept, "is in use by another instance: each needs a folder of its own"));
            try {
                probe(folder);
            } catch (IOException e) {
                lock.close();
                throw e;
            }
            return new StateFolder(folder, Optional.of(lock));
        } catch (IOException e) {
            throw refusal(
                    kept, "cannot be written (" + e + "): it needs a folder with room that this user may write to");
        }
    }

    /**
     * Starts what needs the folder, and again in an empty one if its copy cannot be used: under exactly-once, Kafka Streams 4.3
     * never again opens a global store whose process was killed (KAFKA-21034). That a disk is full says nothing of the copy.
     *
     * @param start lets go of the folder if it fails
     * @throws KafkaException if the disk is full, naming the folder and the cure
     */
    static <T> T startIn(Supplier<StateFolder> open, Function<StateFolder, T> start) {
        StateFolder folder = open.get();
        try {
            return start.apply(folder);
        } catch (StreamsException e) {
            DiskFull.refusal(e, folder.path).ifPresent(refusal -> {
                throw refusal;
            });
            LOG.warn("the copy of the models in {} cannot be used and is read anew: {}", folder.path, e.getMessage());
            StateFolder again = open.get();
            again.clear();
            return start.apply(again);
        }
    }

    private static ConfigException refusal(Optional<Path> kept, String reason) {
        return new ConfigException(
                ClassifierConfig.STATE_DIR, kept.map(Path::toString).orElse(""), "the folder " + reason);
    }

    private static Optional<FileChannel> locked(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return Optional.of(channel);
            }
        } catch (OverlappingFileLockException e) {
            // held by this very process
        }
        channel.close();
        return Optional.empty();
    }

    /** Better now and with the reason than from the depths of RocksDB. */
    private static void probe(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "probe", ".tmp");
        try {
            Files.write(file, new byte[PROBE_BYTES]);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    Path path() {
        return path;
    }

    /**
     * Where the posts lie that wait for labels: the files are cut by how long they wait, so another retention needs another
     * folder, which is filled from the topics.
     */
    Path learning(Duration retention) {
        return path.resolve(LEARNING + retention.toMillis());
    }

    /** Deletes what was kept for other retentions; to be called by whoever holds the folder's lock. */
    void keepOnly(Path learning) {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> inside = Files.list(path)) {
            inside.filter(each -> each.getFileName().toString().startsWith(LEARNING) && !each.equals(learning))
                    .toList()
                    .forEach(StateFolder::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forgets the copy. */
    void clear() {
        delete(path);
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> inside = Files.walk(folder)) {
            for (Path each : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes the folder if it is a temporary one, and lets others have it if it is not. */
    @Override
    public void close() {
        if (lock.isEmpty()) {
            clear();
            return;
        }
        try {
            lock.get().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
