package dev.sluice.embedder;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** The calls in flight: each runs in a thread of its own, and its answers wait here for Kafka's thread to fetch them. */
final class Calls {
    /** A text and what the model said to it. */
    record Answered(TextInHand text, Answer answer) {}

    private final AnswerTexts answerTexts;
    private final Executor threads;
    private final int max;
    private final AtomicInteger running = new AtomicInteger();
    private final Queue<Answered> answered = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** @param max calls in flight at the same time */
    Calls(AnswerTexts answerTexts, Executor threads, int max) {
        this.answerTexts = answerTexts;
        this.threads = threads;
        this.max = max;
    }

    boolean hasRoom() {
        return running.get() < max;
    }

    boolean areRunning() {
        return running.get() > 0 || !answered.isEmpty();
    }

    void start(List<TextInHand> texts) {
        running.incrementAndGet();
        threads.execute(() -> run(texts));
    }

    private void run(List<TextInHand> texts) {
        try {
            answerTexts.of(
                    texts.stream().map(TextInHand::text).toList(),
                    (answer, position) -> answered.add(new Answered(texts.get(position), answer)));
        } catch (Throwable e) { // of whatever kind: Kafka's thread must hear of it
            failure.compareAndSet(null, e);
        } finally {
            running.decrementAndGet();
        }
    }

    /** @return what has come since the last time */
    List<Answered> fetch() {
        List<Answered> fetched = new ArrayList<>();
        for (Answered next = answered.poll(); next != null; next = answered.poll()) {
            fetched.add(next);
        }
        return fetched;
    }

    /** The first thing that went wrong in a call, and that no call of this process will mend. */
    Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }
}
