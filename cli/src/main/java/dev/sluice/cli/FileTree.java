package dev.sluice.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The files of a folder or of a tar archive, in memory, by their paths below the root: so that both read alike, in the same
 * order. Hidden files are passed over.
 *
 * @param name of the folder or archive, for messages
 * @param files by path, its parts separated by slashes
 */
record FileTree(String name, SortedMap<String, byte[]> files) {
    static FileTree ofFolder(Path root) throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            for (Path path : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
                String below = root.relativize(path).toString().replace('\\', '/');
                if (!hidden(below)) {
                    files.put(below, Files.readAllBytes(path));
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return new FileTree(root.toString(), files);
    }

    /** @param file a tar archive, compressed by gzip or not */
    static FileTree ofArchive(Path file) throws IOException {
        SortedMap<String, byte[]> files = new TreeMap<>();
        boolean zipped = !file.toString().toLowerCase(Locale.ROOT).endsWith(".tar");
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file));
                TarArchiveInputStream tar = new TarArchiveInputStream(zipped ? new GZIPInputStream(bytes) : bytes)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                String path = Arrays.stream(entry.getName().split("/"))
                        .filter(part -> !part.isEmpty() && !part.equals("."))
                        .collect(Collectors.joining("/"));
                if (entry.isFile() && !hidden(path)) {
                    files.put(path, tar.readAllBytes());
                }
            }
        }
        return new FileTree(file.toString(), files);
    }

    private static boolean hidden(String path) {
        return Arrays.stream(path.split("/")).anyMatch(part -> part.startsWith(".") || part.equals("__MACOSX"));
    }
}
