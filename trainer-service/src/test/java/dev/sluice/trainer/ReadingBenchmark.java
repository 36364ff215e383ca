package dev.sluice.trainer;

import com.sun.management.ThreadMXBean;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Split;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How quickly the trainer takes small examples in, by the processor's time: from the beginning of the topic, as many between two looks at
 * their counts as a poll brings at most; and then one by one, as posts come. Neither should depend on how many there are, see
 * {@link Tally}.
 */
public final class ReadingBenchmark {
    private static final int POLL = 2000;
    private static final int SINGLE = 200;
    private static final int TURNS = 3;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final ExampleFile file = Given.file();
    private final Examples examples = new Examples(false, file);
    private long seen;

    private ReadingBenchmark() {}

    /** @param args how many examples; several numbers make several lines */
    public static void main(String[] args) {
        rates(10 * POLL);
        System.out.println("examples | from the beginning, examples/s | one by one, examples/s");
        for (String arg : args) {
            int count = Integer.parseInt(arg);
            List<double[]> turns = new ArrayList<>();
            for (int turn = 0; turn < TURNS; turn++) {
                turns.add(rates(count));
            }
            System.out.printf(Locale.ROOT, "%,d | %,.0f | %,.0f%n", count, median(turns, 0), median(turns, 1));
        }
    }

    private static double median(List<double[]> turns, int column) {
        return turns.stream().mapToDouble(turn -> turn[column]).sorted().toArray()[TURNS / 2];
    }

    private static double[] rates(int count) {
        ReadingBenchmark reading = new ReadingBenchmark();
        double fromBeginning = reading.read(0, count, POLL);
        double single = reading.read(count, count + SINGLE, 1);
        reading.file.clear();
        return new double[] {fromBeginning, single};
    }

    /** @return examples a second */
    private double read(int from, int to, int poll) {
        long start = THREADS.getCurrentThreadCpuTime();
        for (int i = from; i < to; i++) {
            String id = "post-" + i;
            EmbeddedPost post = Given.embedded(id, i % 2 == 0 ? "a" : "b", Split.TRAIN, 1, 2, 3, 4)
                    .setEmbeddedAt(Given.TIME.plusMillis(i))
                    .build();
            examples.put(id, post, Given.place(0, i));
            if ((i + 1) % poll == 0) {
                seen += examples.training(LearningTask.Wanted.AUTO);
            }
        }
        if (seen == 0) {
            throw new IllegalStateException("a poll has " + poll + " examples, these are " + (to - from));
        }
        return (to - from) / ((THREADS.getCurrentThreadCpuTime() - start) / 1e9);
    }
}
