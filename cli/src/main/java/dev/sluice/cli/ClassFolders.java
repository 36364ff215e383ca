package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A post a file, in the folder of its class; above it, if at all, a folder that names the split: the layout of
 * 20news-bydate, where the split folders end in -train and -test. The bytes are left to the embedder, which knows charsets
 * and mail; here it is only told apart whether they are mail.
 */
final class ClassFolders {
    /** A header that mail or netnews always has. The first line need not be one: some posts begin in the midst of theirs. */
    private static final Pattern MAIL_HEADER =
            Pattern.compile("(?i)(from|subject|message-id|newsgroups|received|date):.*");

    /** How far to look for it, in bytes. */
    private static final int HEAD = 4096;

    private final String name;

    /** By path below the root. */
    private final SortedMap<String, Post> posts = new TreeMap<>();

    private ClassFolders(String name) {
        this.name = name;
    }

    static List<Post> of(FileTree tree) {
        ClassFolders folders = new ClassFolders(tree.name());
        tree.files().forEach(folders::add);
        return folders.withShortIds();
    }

    private void add(String path, byte[] bytes) {
        List<String> parts = List.of(path.split("/"));
        if (parts.size() < 2) {
            return;
        }
        String label = parts.get(parts.size() - 2);
        if (splitOf(label).isPresent()) {
            throw new CommandException(
                    name + ": " + path + " lies in a split folder, but in no class folder; the layout is"
                            + " SPLIT/CLASS/FILE or CLASS/FILE");
        }
        Post.Builder post = Post.newBuilder()
                .setId(path)
                .setRaw(ByteBuffer.wrap(bytes))
                .setContentType(isMail(bytes) ? "message/rfc822" : "text/plain")
                .setLabel(label);
        parts.subList(0, parts.size() - 2).stream()
                .flatMap(part -> splitOf(part).stream())
                .findFirst()
                .ifPresent(post::setSplit);
        posts.put(path, post.build());
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
}
