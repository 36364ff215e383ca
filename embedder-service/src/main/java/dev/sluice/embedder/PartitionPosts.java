package dev.sluice.embedder;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The posts of one partition that are in hand, in their order: only those before the first open one can be committed. */
final class PartitionPosts {
    private final Deque<PostInHand> posts = new ArrayDeque<>();
    private long end;

    /** @param position offset of the first post to come */
    PartitionPosts(long position) {
        this.end = position;
    }

    void add(PostInHand post) {
        posts.addLast(post);
        end = post.offset() + 1;
    }

    int size() {
        return posts.size();
    }

    boolean isReady() {
        return !posts.isEmpty() && posts.getFirst().outcome().isPresent();
    }

    /** The posts whose outcome is known, up to the first whose is not. */
    List<PostInHand> done(int max) {
        List<PostInHand> done = new ArrayList<>();
        for (PostInHand post : posts) {
            if (done.size() == max || post.outcome().isEmpty()) {
                break;
            }
            done.add(post);
        }
        return done;
    }

    /** Where to go on after so many of the posts. */
    long offsetAfter(int count) {
        return count < posts.size()
                ? posts.stream().skip(count).findFirst().orElseThrow().offset()
                : end;
    }

    /**
     * Forgets the posts below an offset.
     *
     * @return their bytes
     */
    long forgetBelow(long offset) {
        long bytes = 0;
        while (!posts.isEmpty() && posts.getFirst().offset() < offset) {
            bytes += posts.removeFirst().bytes();
        }
        return bytes;
    }

    long bytes() {
        return posts.stream().mapToLong(PostInHand::bytes).sum();
    }
}
