package dev.sluice.embedder;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.TopicPartition;

/**
 * The texts that wait for a call, and which of them go next. A call that one partition fills goes at once and holds texts
 * of that partition alone, so that a slow answer holds up no other; the partitions take turns. What does not fill a call
 * goes when its oldest text has waited long enough, then together with texts of other partitions, to save calls.
 */
final class WaitingTexts {
    private final BatchLimits limits;
    private final ToIntFunction<List<String>> fitting;

    /** In the order of their turns. */
    private final Map<TopicPartition, Deque<TextInHand>> queues = new LinkedHashMap<>();

    /** @param fitting how many of these texts, from the first on, go into one call now; 1 or more */
    WaitingTexts(BatchLimits limits, ToIntFunction<List<String>> fitting) {
        this.limits = limits;
        this.fitting = fitting;
    }

    void add(TopicPartition partition, TextInHand text) {
        queues.computeIfAbsent(partition, it -> new ArrayDeque<>()).add(text);
    }

    /** @return the texts of these partitions, which wait no more */
    List<TextInHand> remove(Collection<TopicPartition> partitions) {
        List<TextInHand> removed = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            Optional.ofNullable(queues.remove(partition)).ifPresent(removed::addAll);
        }
        return removed;
    }

    /**
     * @param now in milliseconds
     * @return the texts of the next call, which wait no more; nothing if no call is due
     */
    Optional<List<TextInHand>> next(long now) {
        for (Deque<TextInHand> queue : queues.values()) {
            Call call = new Call();
            call.fillFrom(queue);
            if (!call.isFull() && isDue(queue, now)) {
                queues.values().stream()
                        .filter(other -> other != queue)
                        .sorted(Comparator.comparingLong(
                                other -> other.getFirst().since()))
                        .forEach(call::fillFrom);
                return Optional.of(take(call));
            }
            if (call.isFull()) {
                return Optional.of(take(call));
            }
        }
        return Optional.empty();
    }

    /** A clock that was set back must not keep texts waiting. */
    private boolean isDue(Deque<TextInHand> queue, long now) {
        long age = now - queue.getFirst().since();
        return age < 0 || age >= limits.maxWait().toMillis();
    }

    /** Takes a call's texts from their queues; those queues go to the end of the turns. */
    private List<TextInHand> take(Call call) {
        List<TextInHand> texts = call.fittingTexts();
        for (TopicPartition partition : List.copyOf(queues.keySet())) {
            Deque<TextInHand> queue = queues.get(partition);
            int before = queue.size();
            while (!queue.isEmpty() && texts.contains(queue.getFirst())) {
                queue.removeFirst();
            }
            if (queue.size() < before) {
                queues.remove(partition);
                if (!queue.isEmpty()) {
                    queues.put(partition, queue);
                }
            }
        }
        return texts;
    }

    /** A call while it is filled. */
    private final class Call {
        private final List<TextInHand> texts = new ArrayList<>();
        private long bytes;
        private boolean noRoom;

        void fillFrom(Deque<TextInHand> queue) {
            for (Iterator<TextInHand> it = queue.iterator(); it.hasNext() && !noRoom; ) {
                TextInHand text = it.next();
                if (!texts.isEmpty() && bytes + text.bytes() > limits.maxBytes()) {
                    noRoom = true;
                } else {
                    texts.add(text);
                    bytes += text.bytes();
                    noRoom = texts.size() == limits.maxTexts();
                }
            }
        }

        boolean isFull() {
            return noRoom || fittingTexts().size() < texts.size();
        }

        List<TextInHand> fittingTexts() {
            int count = fitting.applyAsInt(texts.stream().map(TextInHand::text).toList());
            return List.copyOf(texts.subList(0, count));
        }
    }
}
