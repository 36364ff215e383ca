package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Split;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Posts whose labels are known, or the numbers that they stand for, held in memory: some ten thousand posts are small beside
 * what embeds them. Each has an id of its own, and text or raw; either each has a label, or each a number and none a label.
 * Each belongs to a split, since a data set that names none gets a {@linkplain TestSplit test split} carved.
 *
 * @param name what the user calls it, for messages
 * @param note what was taken for what when it was read, if that was not plain
 */
record DataSet(String name, List<Post> posts, Optional<String> note) {
    private static final String BUNDLED = "posts.jsonl";

    static {
        RecordCodec.of(Post.class); // lets Avro copy posts; nothing else of the contract need have been used before
    }

    /** @throws CommandException if there is no post, a label or an id is missing, or two posts share an id */
    DataSet {
        posts = List.copyOf(posts);
        if (posts.isEmpty()) {
            throw new CommandException(name + " holds no posts");
        }
        Set<String> ids = new HashSet<>();
        for (Post post : posts) {
            String id = post.getId().orElseThrow(() -> new CommandException(name + ": a post has no id"));
            if (!ids.add(id)) {
                throw new CommandException(
                        name + ": two posts have the id " + id + "; give each its own, or leave the ids out");
            }
            if (post.getLabel().isEmpty() && post.getTarget().isEmpty()) {
                throw new CommandException(name + ": the post " + id + " has no label; give each one");
            }
        }
        if (posts.stream().map(post -> post.getLabel().isPresent()).distinct().count() > 1) {
            throw new CommandException(name + ": some posts have a label and others only a number");
        }
    }

    DataSet(String name, List<Post> posts) {
        this(name, posts, Optional.empty());
    }

    /** As {@link #open(Path, TaskChoice)}; whether labels are meant or numbers is told from the data. */
    static DataSet open(Path file) {
        return open(file, TaskChoice.AUTO);
    }

    /**
     * Reads a folder or archive of class folders ({@code [SPLIT/]CLASS/FILE}, as 20news-bydate.tar.gz) or of rated reviews (as
     * scaledata.tar.gz), a table with a header (.csv, .tsv), JSON lines, or lines of label, tab and text (as
     * SMSSpamCollection).
     *
     * @throws CommandException if it is none of these, or is damaged: the message names the place and the cure
     */
    static DataSet open(Path file, TaskChoice task) {
        if (!Files.isReadable(file)) {
            throw new CommandException(
                    Files.exists(file)
                            ? file + " may not be read; check its permissions"
                            : "there is no file or folder " + file + "; check the path");
        }
        try {
            TaskChoice.Understood understood = task.understand(read(file));
            return new DataSet(file.toString(), TestSplit.carveIfNone(understood.posts()), understood.note());
        } catch (IOException e) {
            throw new CommandException("cannot read " + file + ": " + e.getMessage() + "; is it whole?", e);
        }
    }

    /** The posts that come with Sluice: four forums, 32 posts of each to learn from and 8 to be tested on. */
    static DataSet bundled() {
        try (InputStream in = DataSet.class.getResourceAsStream(BUNDLED);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return new DataSet("the bundled posts", JsonLinePosts.read(Path.of(BUNDLED), lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Post> read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            return postsOf(FileTree.ofFolder(file));
        }
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.matches(".*\\.(tar|tar\\.gz|tgz)")) {
            return postsOf(FileTree.ofArchive(file));
        }
        if (name.matches(".*\\.(csv|tsv|tab)")) {
            return TablePosts.read(file);
        }
        try (BufferedReader lines = TextFiles.reader(file)) {
            if (name.matches(".*\\.(jsonl|ndjson|json)") || TextFiles.beginsWith(lines, '{')) {
                return JsonLinePosts.read(file, lines);
            }
            return TabbedPosts.read(file, lines);
        }
    }

    private static List<Post> postsOf(FileTree tree) {
        return RatedReviews.of(tree).orElseGet(() -> ClassFolders.of(tree));
    }

    /** Whether the posts are known by numbers, not by labels. */
    boolean numeric() {
        return posts.get(0).getLabel().isEmpty();
    }

    /** The labels, sorted; none of numbers. */
    SortedSet<String> classes() {
        return posts.stream().flatMap(post -> post.getLabel().stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * The posts of the classes in which the pattern is found (anywhere, as grep does).
     *
     * @throws CommandException if there is no such class; the message lists those there are
     */
    DataSet onlyClasses(Pattern pattern) {
        if (numeric()) {
            throw new CommandException(name + " has numbers, not classes to choose from: leave out --classes");
        }
        List<Post> chosen = posts.stream()
                .filter(post -> pattern.matcher(labelOf(post)).find())
                .toList();
        if (chosen.isEmpty()) {
            throw new CommandException(
                    "no class of " + name + " matches " + pattern + "; it has " + String.join(", ", classes()));
        }
        return new DataSet(name, chosen, note);
    }

    List<Post> of(Split split) {
        return posts.stream().filter(post -> splitOf(post) == split).toList();
    }

    /** The class that it is drawn with; posts with numbers are all of one. */
    static String labelOf(Post post) {
        return post.getLabel().orElse("");
    }

    static Split splitOf(Post post) {
        return post.getSplit().orElse(Split.TRAIN);
    }
}
