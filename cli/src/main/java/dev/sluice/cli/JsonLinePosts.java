package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A post a line, in the JSON that the topic {@code posts} takes; here a label or a number is essential. Empty lines are passed over. */
final class JsonLinePosts {
    private static final RecordCodec<Post> POSTS = RecordCodec.of(Post.class);

    private JsonLinePosts() {}

    static List<Post> read(Path file, BufferedReader reader) throws IOException {
        List<Post> posts = new ArrayList<>();
        LineIds ids = new LineIds(file);
        long line = 1;
        for (String text = reader.readLine(); text != null; text = reader.readLine(), line++) {
            if (!text.isBlank()) {
                Post post = postOf(file, line, text);
                posts.add(Post.newBuilder(post)
                        .setId(ids.of(post.getId().orElse(""), line))
                        .build());
            }
        }
        return posts;
    }

    private static Post postOf(Path file, long line, String text) {
        Post post;
        try {
            post = POSTS.decode(text.getBytes(StandardCharsets.UTF_8));
        } catch (UnreadableRecordException e) {
            throw LineErrors.at(
                    file, line, e.getMessage() + "; a line is one object, as {\"text\": \"...\", \"label\": \"...\"}");
        }
        post = numbered(post);
        if (post.getLabel().orElse("").isBlank()
                && (post.getLabel().isPresent() || post.getTarget().isEmpty())) {
            throw LineErrors.at(file, line, "the post has no label; add \"label\": \"...\", or \"target\": a number");
        }
        if (!Double.isFinite(post.getTarget().orElse(0.0))) {
            throw LineErrors.at(file, line, "the target is no finite number");
        }
        if (post.getText().isEmpty() && post.getRaw().isEmpty()) {
            throw LineErrors.at(file, line, "the post has no text; add \"text\": \"...\"");
        }
        return post;
    }

    /** With its number, if that stands under another name, which the topic takes for an attribute. */
    private static Post numbered(Post post) {
        if (post.getTarget().isPresent()) {
            return post;
        }
        return TablePosts.TARGET.stream()
                .flatMap(name -> Optional.ofNullable(post.getAttributes().get(name)).stream())
                .flatMap(value -> Numbers.of(value).stream())
                .findFirst()
                .map(target -> Post.newBuilder(post).setTarget(target).build())
                .orElse(post);
    }
}
