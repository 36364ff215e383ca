package dev.sluice.cli;

import dev.sluice.runtime.RunningService;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The vectors of posts, as the embedder made them: the posts go in on {@code posts}, and what came of each is read from
 * {@code embedded-posts} or from the dead letters.
 *
 * @param embedded one of each post that could be embedded
 * @param rejections why the others could not, a line each
 */
record PostVectors(List<EmbeddedPost> embedded, List<String> rejections) {
    PostVectors {
        embedded = List.copyOf(embedded);
        rejections = List.copyOf(rejections);
    }

    /**
     * Sends the posts and waits for all of them. The topics must be fresh: nobody else sends posts there.
     *
     * @param progress told how many have come of all
     * @throws CommandException if they stop coming
     */
    static PostVectors of(List<Post> posts, Connection connection, RunningService services, IntConsumer progress) {
        Topics topics = connection.topics();
        Map<Source, EmbeddedPost> embedded = new LinkedHashMap<>();
        Map<String, String> rejected = new LinkedHashMap<>();
        Patience patience = new Patience("posts to be embedded", Patience.WITHOUT_PROGRESS, services);
        try (var vectors = connection.readFromBeginning(topics.embeddedPosts());
                var rejections = connection.readFromBeginning(Rejections.deadLettersOf(topics.posts()))) {
            send(posts, connection);
            while (embedded.size() + rejected.size() < posts.size()) {
                vectors.poll().forEach(read -> read.value().ifPresent(post -> embedded.put(post.getSource(), post)));
                rejections.poll(Duration.ZERO).stream()
                        .map(TopicReader.Read::raw)
                        .forEach(letter ->
                                rejected.put(letter.partition() + "@" + letter.offset(), Rejections.reasonOf(letter)));
                int done = embedded.size() + rejected.size();
                patience.check(done);
                progress.accept(done);
            }
        }
        return new PostVectors(List.copyOf(embedded.values()), List.copyOf(rejected.values()));
    }

    private static void send(List<Post> posts, Connection connection) {
        try (Outbox<Post> outbox = new Outbox<>(connection, connection.topics().posts())) {
            posts.forEach(post -> outbox.send(post.getId().orElseThrow(), post, List.of()));
        }
    }
}
