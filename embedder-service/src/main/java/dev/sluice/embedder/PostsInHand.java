package dev.sluice.embedder;

import dev.sluice.schemas.UnreadableRecordException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * All that lies between poll and commit: posts by partition, and the texts that they wait for. Partitions come and go; one
 * that is taken away takes its posts with it, since its next owner begins at the committed offset.
 *
 * <p>Plain state, no Kafka client; for the one thread of {@link EmbedLoop}.
 */
final class PostsInHand {
    /** Above this no more posts are taken; far more than calls in flight need, unless posts are huge. */
    static final long MAX_BYTES = 64L * 1024 * 1024;

    /** So that a transaction stays a matter of milliseconds. */
    private static final int MAX_POSTS_PER_COMMIT = 500;

    private final Drafts drafts;
    private final Function<String, Optional<float[]>> known;
    private final WaitingTexts waiting;
    private final int maxPosts;

    private final Map<TopicPartition, PartitionPosts> partitions = new HashMap<>();
    private final Map<String, TextInHand> texts = new HashMap<>();
    private long bytes;

    /**
     * @param known vectors that need not be asked for
     * @param maxPosts in hand, shared by the partitions
     */
    PostsInHand(Drafts drafts, Function<String, Optional<float[]>> known, WaitingTexts waiting, int maxPosts) {
        this.drafts = drafts;
        this.known = known;
        this.waiting = waiting;
        this.maxPosts = maxPosts;
    }

    /** What can be committed: posts with outcomes, and where each partition goes on after them. */
    record Ready(List<PostInHand> posts, Map<TopicPartition, Long> offsets) {}

    /** A partition is ours from now on. */
    void begin(TopicPartition partition, long position) {
        partitions.put(partition, new PartitionPosts(position));
    }

    Set<TopicPartition> partitions() {
        return Set.copyOf(partitions.keySet());
    }

    boolean isEmpty() {
        return partitions.values().stream().allMatch(it -> it.size() == 0);
    }

    /** @param now in milliseconds */
    void add(ConsumerRecord<byte[], byte[]> record, long now) {
        PostInHand post = new PostInHand(record);
        partitions
                .computeIfAbsent(post.partition(), it -> new PartitionPosts(record.offset()))
                .add(post);
        bytes += post.bytes();
        try {
            Draft draft = drafts.of(record);
            Optional<float[]> vector = known.apply(draft.text());
            if (vector.isPresent()) {
                post.become(drafts.outcome(draft, Answer.of(vector.get())));
            } else {
                claim(post, draft, now);
            }
        } catch (UnreadableRecordException | UnusablePostException e) {
            post.become(drafts.refused(record, e));
        }
    }

    private void claim(PostInHand post, Draft draft, long now) {
        TextInHand text = texts.get(draft.text());
        if (text == null) {
            text = new TextInHand(draft.text(), now);
            texts.put(draft.text(), text);
            waiting.add(post.partition(), text);
        }
        text.claim(post, draft);
    }

    /** Whether a partition has enough in hand: its share of all, and at least two. */
    boolean isFull(TopicPartition partition) {
        int share = Math.max(2, maxPosts / Math.max(1, partitions.size()));
        return bytes >= MAX_BYTES
                || Optional.ofNullable(partitions.get(partition))
                        .filter(posts -> posts.size() >= share)
                        .isPresent();
    }

    /** @return the texts of a call to be made now, if there is one */
    Optional<List<TextInHand>> nextCall(long now) {
        Optional<List<TextInHand>> call = waiting.next(now);
        call.ifPresent(it -> it.forEach(TextInHand::setCalled));
        return call;
    }

    void answered(TextInHand text, Answer answer) {
        texts.remove(text.text());
        text.claims().forEach(claim -> claim.post().become(drafts.outcome(claim.draft(), answer)));
    }

    boolean hasReady() {
        return hasReady(partitions.keySet());
    }

    boolean hasReady(Collection<TopicPartition> wanted) {
        return wanted.stream().anyMatch(partition -> Optional.ofNullable(partitions.get(partition))
                .filter(PartitionPosts::isReady)
                .isPresent());
    }

    /** @param wanted partitions; those that are not ours are left out */
    Ready ready(Collection<TopicPartition> wanted) {
        List<PostInHand> done = new ArrayList<>();
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (TopicPartition partition : wanted) {
            PartitionPosts posts = partitions.get(partition);
            if (posts != null) {
                List<PostInHand> its = posts.done(MAX_POSTS_PER_COMMIT - done.size());
                done.addAll(its);
                offsets.put(partition, posts.offsetAfter(its.size()));
            }
        }
        return new Ready(done, offsets);
    }

    void committed(Ready ready) {
        ready.offsets().forEach(this::forgetBelow);
    }

    /** Forgets the posts that turn out to be committed: those below the group's offsets. */
    void dropCommitted(Map<TopicPartition, OffsetAndMetadata> committed) {
        committed.forEach((partition, offset) -> {
            if (offset != null) { // Kafka's way to say that there is none
                forgetBelow(partition, offset.offset());
            }
        });
    }

    private void forgetBelow(TopicPartition partition, long offset) {
        PartitionPosts posts = partitions.get(partition);
        if (posts != null) {
            bytes -= posts.forgetBelow(offset);
        }
    }

    /** Partitions are ours no more. Texts that posts of other partitions wait for as well stay. */
    void drop(Collection<TopicPartition> lost) {
        for (TopicPartition partition : lost) {
            Optional.ofNullable(partitions.remove(partition)).ifPresent(posts -> bytes -= posts.bytes());
        }
        texts.values().forEach(text -> text.dropClaims(lost));
        texts.values().removeIf(text -> !text.isCalled() && text.claims().isEmpty());
        for (TextInHand text : waiting.remove(lost)) {
            if (!text.claims().isEmpty()) {
                waiting.add(text.claims().get(0).post().partition(), text);
            }
        }
    }

    @Override
    public String toString() {
        return partitions.values().stream().mapToInt(PartitionPosts::size).sum() + " posts of " + partitions.size()
                + " partitions";
    }
}
