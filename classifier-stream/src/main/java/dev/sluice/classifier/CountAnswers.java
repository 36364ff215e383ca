package dev.sluice.classifier;

import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what versions answer, and passes on sums, some each interval for each partition, instead of every prediction: all
 * sums meet in one partition. What is not passed on yet lies in a store, so no commit parts the two. A label has a sum of
 * its own there, so that a prediction costs the same with many labels as with few.
 *
 * <p>It counts behind the topic of facts: a store beside the topics of others would be laid out by their partitions, and
 * Kafka Streams would not start again once one of them was given more.
 */
final class CountAnswers extends ContextualProcessor<byte[], byte[], String, byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(CountAnswers.class);

    private final Facts facts;
    private final RecordCodec<LiveCounts> codec;
    private final String classifier;
    private final EvaluationPlan plan;
    private KeyValueStore<String, LiveCounts> counted;

    CountAnswers(Facts facts, RecordCodec<LiveCounts> codec, String classifier, EvaluationPlan plan) {
        this.facts = facts;
        this.codec = codec;
        this.classifier = classifier;
        this.plan = plan;
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        super.init(context);
        counted = context.getStateStore(EvaluationTopology.ANSWERS_COUNTED);
        context.schedule(plan.interval().dividedBy(2), PunctuationType.WALL_CLOCK_TIME, this::passOn);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        try {
            facts.answer(record).ifPresent(this::count);
        } catch (UnreadableRecordException e) {
            LOG.debug("passed over: {}", e.getMessage());
        }
    }

    private void count(Prediction prediction) {
        // a foreign writer's clock may be ahead, and its answers would stay in the window for as long
        long at =
                Math.min(prediction.getClassifiedAt().toEpochMilli(), context().currentSystemTimeMs());
        Counts.of(prediction, plan.buckets().startOf(at)).ifPresent(one -> {
            String label = one.getPerLabel().keySet().stream().findFirst().orElse("");
            String key = CountsKey.of(one) + "/" + label;
            LiveCounts before = counted.get(key);
            counted.put(key, before == null ? one : Counts.plus(before, one));
        });
    }

    private void passOn(long now) {
        Map<CountsKey, LiveCounts> sums = new HashMap<>();
        try (var all = counted.all()) {
            while (all.hasNext()) {
                KeyValue<String, LiveCounts> each = all.next();
                sums.merge(CountsKey.of(each.value), each.value, Counts::plus);
                counted.delete(each.key);
            }
        }
        sums.values().forEach(sum -> context().forward(new Record<>(classifier, codec.encode(sum), now)));
    }
}
