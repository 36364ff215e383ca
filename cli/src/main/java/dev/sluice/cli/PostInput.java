package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Posts from files and from stdin, one by one, so that an endless stdin works. A file is one post unless it holds JSON
 * lines; of stdin each line is one. Bytes of files go out as they are: the embedder knows about charsets.
 */
final class PostInput {
    private static final RecordCodec<Post> POSTS = RecordCodec.of(Post.class);
    private static final String MAIL = "message/rfc822";

    private final Optional<String> label;
    private final Optional<Double> target;

    /**
     * @param label given to every post that has none of its own
     * @param target likewise, a number
     */
    PostInput(Optional<String> label, Optional<Double> target) {
        this.label = label;
        this.target = target;
    }

    /** How text becomes posts. */
    enum Format {
        TEXT,
        JSON,
        RFC822;

        /** By the file's ending: .json, .jsonl and .ndjson, .eml, else text. */
        static Format of(Path file) {
            String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
            if (name.matches(".*\\.(json|jsonl|ndjson)")) {
                return JSON;
            }
            return name.endsWith(".eml") ? RFC822 : TEXT;
        }
    }

    /**
     * The posts of a file. The path is the id of a post that is a whole file.
     *
     * @throws CommandException naming the file, and the line if one cannot be read
     */
    void readFile(Path file, Format format, Consumer<Post> to) {
        if (!Files.isRegularFile(file)) {
            throw new CommandException(
                    Files.isDirectory(file)
                            ? file + " is a folder: name its files, or use --data for a folder of classes"
                            : "there is no file " + file + "; check the path");
        }
        try {
            if (format == Format.JSON) {
                try (BufferedReader lines = TextFiles.reader(file)) {
                    readLines(file, lines, this::ofJson, to);
                }
            } else {
                to.accept(labelled(whole(Files.readAllBytes(file), format).setId(file.toString())));
            }
        } catch (IOException e) {
            throw new CommandException("cannot read " + file + " (" + e.getMessage() + "); check its permissions", e);
        }
    }

    /** The posts of stdin: one a line, empty lines are none; a mail is one in all. */
    void readStdin(InputStream stdin, Format format, Consumer<Post> to) {
        try {
            if (format == Format.RFC822) {
                to.accept(labelled(whole(stdin.readAllBytes(), format)));
            } else {
                readLines(
                        Path.of("stdin"),
                        new BufferedReader(new InputStreamReader(stdin, StandardCharsets.UTF_8)),
                        format == Format.JSON
                                ? this::ofJson
                                : line -> labelled(Post.newBuilder().setText(line)),
                        to);
            }
        } catch (IOException e) {
            throw new CommandException("cannot read stdin (" + e.getMessage() + ")", e);
        }
    }

    private interface LineReader {
        Post read(String line);
    }

    private static void readLines(Path name, BufferedReader lines, LineReader reader, Consumer<Post> to)
            throws IOException {
        long number = 1;
        for (String line = lines.readLine(); line != null; line = lines.readLine(), number++) {
            if (line.isBlank()) {
                continue;
            }
            try {
                to.accept(reader.read(line));
            } catch (UnreadableRecordException e) {
                throw LineErrors.at(name, number, e.getMessage() + "; a line is one object, as {\"text\": \"...\"}");
            }
        }
    }

    private Post ofJson(String line) {
        Post post = POSTS.decode(line.getBytes(StandardCharsets.UTF_8));
        return labelled(Post.newBuilder(post));
    }

    private static Post.Builder whole(byte[] bytes, Format format) {
        Post.Builder post = Post.newBuilder().setRaw(ByteBuffer.wrap(bytes));
        return format == Format.RFC822 ? post.setContentType(MAIL) : post;
    }

    private Post labelled(Post.Builder post) {
        if (post.getLabel() == null) {
            post.setLabel(label.orElse(null));
        }
        if (post.getTarget() == null) {
            post.setTarget(target.orElse(null));
        }
        return post.build();
    }
}
