package dev.sluice.classifier;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where Kafka Streams keeps the models: below the folder that was set, by cluster, since the copy of one cluster's topic
 * is wrong for another's; or in a temporary folder, gone at the end. Either way a copy only: the topic is the truth.
 */
final class StateFolder implements AutoCloseable {
    private static final String LEARNING = "labels-";

    private final Path path;
    private final boolean temporary;

    private StateFolder(Path path, boolean temporary) {
        this.path = path;
        this.temporary = temporary;
    }

    /**
     * @param kept the folder that was set, if one was
     * @throws UncheckedIOException if there is no writing there
     */
    static StateFolder open(Optional<Path> kept, String clusterId) {
        try {
            return kept.isPresent()
                    ? new StateFolder(Files.createDirectories(kept.get().resolve(clusterId)), false)
                    : new StateFolder(Files.createTempDirectory("sluice-classifier"), true);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot keep state in " + kept.map(Path::toString).orElse("the temporary folder") + ": "
                            + e.getMessage() + "; set state.dir to a folder that can be written",
                    e);
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

    /** Deletes the folder if it is a temporary one. */
    @Override
    public void close() {
        if (temporary) {
            clear();
        }
    }
}
