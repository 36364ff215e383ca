package dev.sluice.classifier;

import dev.sluice.classifier.LabelJoin.Step;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What can be read off of learning from outside. Counted before the transaction ends, so a crash may count a few twice. */
final class LearnMetrics implements AutoCloseable {
    private final MeterRegistry registry;
    private final List<Meter> meters = new ArrayList<>();
    private final Map<LabelOutcome, Counter> labels = new EnumMap<>(LabelOutcome.class);
    private final Counter examples;
    private final Counter scores;
    private final Counter deadLetters;

    LearnMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (LabelOutcome outcome : LabelOutcome.values()) {
            labels.put(
                    outcome,
                    counter("sluice.learn.labels", "outcome", outcome.name().toLowerCase(Locale.ROOT)));
        }
        examples = counter("sluice.learn.examples");
        scores = counter("sluice.learn.scores");
        deadLetters = counter("sluice.learn.dead.letters");
    }

    private Counter counter(String name, String... tags) {
        Counter counter = Counter.builder(name).tags(tags).register(registry);
        meters.add(counter);
        return counter;
    }

    void joined(Step step, boolean exampleWritten) {
        step.outcome().ifPresent(outcome -> labels.get(outcome).increment());
        scores.increment(step.scores().size());
        examples.increment(exampleWritten ? 1 : 0);
    }

    void deadLetter() {
        deadLetters.increment();
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
