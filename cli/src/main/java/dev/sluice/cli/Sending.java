package dev.sluice.cli;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Topic;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Posts on their way out, at a chosen pace. What the broker refuses stops the sending at the next post, or at the end. */
final class Sending implements AutoCloseable {
    private final Producer<String, byte[]> producer;
    private final Topic<Post> topic;
    private final double perSecond;
    private final long start = System.nanoTime();
    private final AtomicReference<Exception> refusal = new AtomicReference<>();
    private long sent;

    /** @param perSecond posts a second; 0 for as fast as it goes */
    Sending(Producer<String, byte[]> producer, Topic<Post> topic, double perSecond) {
        this.producer = producer;
        this.topic = topic;
        this.perSecond = perSecond;
    }

    /** Waits for the post's turn and hands it over. Its id, if it has one, is the key. */
    void send(Post post) {
        throwRefusal();
        awaitTurn();
        byte[] value = topic.codec().encode(post);
        Future<?> unused = producer.send(
                new ProducerRecord<>(topic.name(), post.getId().orElse(null), value), (place, problem) -> {
                    if (problem != null) {
                        refusal.compareAndSet(null, problem);
                    }
                });
        sent++;
    }

    /** How many were handed over. */
    long sent() {
        return sent;
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Waits until the broker has them all. */
    void finish() {
        producer.flush();
        throwRefusal();
    }

    private void throwRefusal() {
        Exception problem = refusal.get();
        if (problem != null) {
            throw new CommandException("the broker refused a post: " + Failures.lineOf(problem), problem);
        }
    }

    /** Turns are counted from the start, so that a late post does not slow down those behind it. */
    private void awaitTurn() {
        if (perSecond <= 0) {
            return;
        }
        long turn = start + (long) (sent * 1e9 / perSecond);
        for (long wait = turn - System.nanoTime(); wait > 0; wait = turn - System.nanoTime()) {
            LockSupport.parkNanos(wait);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
