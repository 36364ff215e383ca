package dev.sluice.cli;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Topics;
import java.util.List;
import java.util.Optional;

/** How far the embedders are with a change of their model, as the topics and their groups show it. */
final class Reembedding implements AutoCloseable {
    /** Far enough back to meet a record behind the markers of transactions. */
    private static final int LAST_OFFSETS = 20;

    private final Connection connection;
    private final Topics topics;
    private final TopicReader<EmbeddedPost> labelled;
    private final TopicReader<EmbeddedPost> reembedded;
    private final TopicReader<EmbeddedPost> embedded;
    private final LabelledTexts texts = new LabelledTexts();
    private Optional<EmbeddedPost> newest = Optional.empty();

    Reembedding(Connection connection) {
        this.connection = connection;
        this.topics = connection.topics();
        this.labelled = connection.readFromBeginning(topics.labeledVectors());
        this.reembedded = connection.readFromBeginning(topics.reembeddedVectors());
        this.embedded = connection.readFromEnd(topics.embeddedPosts());
        embedded.goBack(LAST_OFFSETS);
    }

    /** Reads all that has come. */
    void follow() {
        texts.follow(labelled, reembedded);
        embedded.readToEnd(read -> read.value().filter(this::isNewest).ifPresent(post -> newest = Optional.of(post)));
        newest.ifPresent(post -> LabelledTexts.spacesOf(post).forEach(texts::know));
    }

    private boolean isNewest(EmbeddedPost post) {
        return newest.filter(it -> it.getEmbeddedAt().isAfter(post.getEmbeddedAt()))
                .isEmpty();
    }

    LabelledTexts texts() {
        return texts;
    }

    /** Whether posts that come now have a vector there: an embedder says so, or the newest post. */
    boolean isEmbedding(EmbeddingSpace space) {
        return group(space).filter(GroupLag::running).isPresent()
                || newest.filter(post -> LabelledTexts.spacesOf(post).anyMatch(its -> EmbeddingSpaces.same(its, space)))
                        .isPresent();
    }

    /** Whether the embedders have seen to all labelled texts that there are. */
    boolean isThrough(EmbeddingSpace space) {
        return group(space).filter(group -> group.lag() == 0).isPresent();
    }

    private Optional<GroupLag> group(EmbeddingSpace space) {
        String end = EmbeddingSpaces.reembedGroup("", space);
        List<TopicExtent> extents =
                TopicExtent.of(connection, List.of(topics.labeledVectors().name()));
        return GroupLag.of(connection, extents).stream()
                .filter(group -> group.group().startsWith(topics.prefix()))
                .filter(group -> group.group().endsWith(end))
                .findFirst();
    }

    @Override
    public void close() {
        labelled.close();
        reembedded.close();
        embedded.close();
    }
}
