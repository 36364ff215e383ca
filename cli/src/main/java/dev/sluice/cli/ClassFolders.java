package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * A post a file, in the folder of its class; above it, if at all, a folder that names the split: the layout of
 * 20news-bydate, where the split folders end in -train and -test. The bytes are left to the embedder, which knows charsets
 * and mail; here it is only told apart whether they are mail. Hidden files are passed over.
 */
final class ClassFolders {
    /** A header that mail or netnews always has. The first line need not be one: some posts begin in the midst of theirs. */
    private static final Pattern MAIL_HEADER =
            Pattern.compile("(?i)(from|subject|message-id|newsgroups|received|date):.*");

    /** How far to look for it, in bytes. */
    private static final int HEAD = 4096;

    private final String name;

    /** By path below the root, so that a folder and its archive give the same posts in the same order. */
    private final SortedMap<String, Post> posts = new TreeMap<>();

    private ClassFolders(Path file) {
        this.name = file.toString();
    }

    static List<Post> readFolder(Path root) throws IOException {
        ClassFolders folders = new ClassFolders(root);
        try (Stream<Path> files = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                folders.add(root.relativize(file).toString().replace('\\', '/'), () -> Files.readAllBytes(file));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return folders.withShortIds();
    }

    /** @param file a tar archive, compressed by gzip or not */
    static List<Post> readArchive(Path file) throws IOException {
        ClassFolders folders = new ClassFolders(file);
        boolean zipped = !file.toString().toLowerCase(Locale.ROOT).endsWith(".tar");
        try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file));
                TarArchiveInputStream tar = new TarArchiveInputStream(zipped ? new GZIPInputStream(bytes) : bytes)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                if (entry.isFile()) {
                    folders.add(entry.getName(), tar::readAllBytes);
                }
            }
        }
        return folders.withShortIds();
    }

    private void add(String path, Content content) throws IOException {
        List<String> parts = Arrays.stream(path.split("/"))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .toList();
        boolean hidden = parts.stream().anyMatch(part -> part.startsWith(".") || part.equals("__MACOSX"));
        if (hidden || parts.size() < 2) {
            return;
        }
        String label = parts.get(parts.size() - 2);
        if (splitOf(label).isPresent()) {
            throw new CommandException(
                    name + ": " + path + " lies in a split folder, but in no class folder; the layout is"
                            + " SPLIT/CLASS/FILE or CLASS/FILE");
        }
        byte[] bytes = content.read();
        Post.Builder post = Post.newBuilder()
                .setId(String.join("/", parts))
                .setRaw(ByteBuffer.wrap(bytes))
                .setContentType(isMail(bytes) ? "message/rfc822" : "text/plain")
                .setLabel(label);
        parts.subList(0, parts.size() - 2).stream()
                .flatMap(part -> splitOf(part).stream())
                .findFirst()
                .ifPresent(post::setSplit);
        posts.put(String.join("/", parts), post.build());
    }

    /** CLASS/FILE where that is unique; the whole path where two splits hold a file of the same name. */
    private List<Post> withShortIds() {
        if (posts.isEmpty()) {
            throw new CommandException(
                    name + " holds no posts; the layout is SPLIT/CLASS/FILE or CLASS/FILE, a post a file");
        }
        SortedMap<String, Integer> uses = new TreeMap<>();
        posts.keySet().forEach(path -> uses.merge(shortened(path), 1, Integer::sum));
        List<Post> named = new ArrayList<>();
        posts.forEach((path, post) -> named.add(
                uses.get(shortened(path)) > 1
                        ? post
                        : Post.newBuilder(post).setId(shortened(path)).build()));
        return named;
    }

    private static String shortened(String path) {
        int file = path.lastIndexOf('/');
        return path.substring(path.lastIndexOf('/', file - 1) + 1);
    }

    private static Optional<Split> splitOf(String folder) {
        String name = folder.toLowerCase(Locale.ROOT);
        if (name.matches("(.*[-_.])?(train|training)")) {
            return Optional.of(Split.TRAIN);
        }
        if (name.matches("(.*[-_.])?(test|testing)")) {
            return Optional.of(Split.TEST);
        }
        return name.matches("(.*[-_.])?(validation|valid|val|dev)") ? Optional.of(Split.VALIDATION) : Optional.empty();
    }

    private static boolean isMail(byte[] bytes) {
        return new String(bytes, 0, Math.min(bytes.length, HEAD), ISO_8859_1)
                .lines()
                .takeWhile(line -> !line.isBlank())
                .anyMatch(line -> MAIL_HEADER.matcher(line).matches());
    }

    private interface Content {
        byte[] read() throws IOException;
    }
}
