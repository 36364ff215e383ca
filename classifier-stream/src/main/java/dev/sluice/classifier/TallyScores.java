package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.LiveCounts;
import dev.sluice.schemas.LiveEvaluation;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trial;
import dev.sluice.schemas.UnreadableRecordException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds scores up, and each interval says how every version does that has news. A score also goes to the trial that is on, if
 * one is, and what follows is written to {@code deployments} in the same transaction that counted the score: a decision is
 * neither lost nor taken twice. There it is an event like any other, and loses if somebody was quicker.
 */
final class TallyScores extends ContextualProcessor<String, byte[], String, byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(TallyScores.class);
    private static final List<Arm> TRIED = List.of(Arm.SHADOW, Arm.CANARY);

    private final RecordCodec<Score> codec;
    private final Topics topics;
    private final EvaluationPlan plan;
    private final EvaluationMetrics metrics;
    private KeyValueStore<String, LiveCounts> counts;
    private KeyValueStore<String, Trial> trials;
    private DeploymentsRead deployments;
    private LiveRecords records;

    TallyScores(RecordCodec<Score> codec, Topics topics, EvaluationPlan plan, EvaluationMetrics metrics) {
        this.codec = codec;
        this.topics = topics;
        this.plan = plan;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        super.init(context);
        counts = context.getStateStore(EvaluationTopology.LIVE_COUNTS);
        trials = context.getStateStore(EvaluationTopology.TRIALS);
        deployments = new DeploymentsRead(
                topics.classifier(), plan.trust(), context.getStateStore(EvaluationTopology.DEPLOYMENTS));
        records = new LiveRecords(
                topics.classifier(),
                counts,
                context.getStateStore(EvaluationTopology.LIVE_EVALUATIONS),
                context.getStateStore(EvaluationTopology.MODELS));
        context.schedule(plan.interval(), PunctuationType.WALL_CLOCK_TIME, this::tell);
    }

    @Override
    public void process(Record<String, byte[]> record) {
        try {
            count(codec.decode(record.value()));
        } catch (UnreadableRecordException e) {
            LOG.warn("passed over a score: {}", e.getMessage());
        }
    }

    private void count(Score score) {
        long now = context().currentSystemTimeMs();
        long scoredAt = score.getScoredAt().toEpochMilli();
        add(Counts.of(score, CountsKey.ALL_OF_TIME));
        add(Counts.of(score, plan.buckets().startOf(scoredAt)));
        if (plan.trials().afterLabels() > 0) {
            begin(now); // and no earlier: a score from before it began was not counted, and may be taken back
            TRIED.forEach(arm -> count(arm, score, now));
        }
    }

    private void add(LiveCounts more) {
        String key = CountsKey.of(more).toString();
        LiveCounts before = counts.get(key);
        counts.put(key, before == null ? more : Counts.plus(before, more));
    }

    private void begin(long since) {
        Deployments now = deployments.now();
        for (Arm arm : TRIED) {
            Optional<Trial> known = Optional.ofNullable(trials.get(arm.name()));
            Optional<Trial> current = Trials.current(now, arm, known, since);
            if (!current.equals(known)) {
                trials.put(arm.name(), current.orElse(null));
            }
        }
    }

    private void count(Arm arm, Score score, long now) {
        Trial before = trials.get(arm.name());
        if (before == null) {
            return;
        }
        Trial trial = Trials.plus(before, score);
        // while a pin holds, an automatic event would lose, so the look is left for later
        Optional<TrialPolicy.Look> look =
                deployments.now().pinned() ? Optional.empty() : plan.trials().look(trial, Instant.ofEpochMilli(now));
        Trial after = look.map(TrialPolicy.Look::trial).orElse(trial);
        if (!after.equals(before)) {
            trials.put(arm.name(), after);
        }
        look.flatMap(TrialPolicy.Look::event).ifPresent(event -> decide(event, now));
    }

    private void decide(Deployment event, long now) {
        LOG.info("{} version {}: {}", event.getAction(), event.getVersion(), event.getReason());
        metrics.decided(event.getAction());
        forward(
                topics.classifier(),
                topics.deployments().codec().encode(signed(event)),
                now,
                EvaluationTopology.DEPLOYMENTS_SINK);
    }

    /** In its own classifier's name: a signature is for one only. */
    private Deployment signed(Deployment event) {
        return plan.trust()
                .signed(Deployment.newBuilder(event)
                        .setClassifier(topics.classifier())
                        .build());
    }

    private void tell(long now) {
        if (plan.trials().afterLabels() > 0) {
            begin(now);
        }
        long windowStart = plan.buckets().windowStart(now);
        records.forget(windowStart).forEach(metrics::forget);
        for (LiveRecord each : records.all()) {
            Optional<LiveEvaluation> news =
                    each.news(topics.classifier(), plan, Instant.ofEpochMilli(windowStart), Instant.ofEpochMilli(now));
            news.ifPresent(evaluation -> tell(each, evaluation, now));
            news.or(each::before).ifPresent(metrics::show);
        }
    }

    private void tell(LiveRecord about, LiveEvaluation evaluation, long now) {
        if (about.warns(plan.drift())) {
            metrics.warned();
            LOG.warn(
                    "version {}: {}",
                    evaluation.getVersion(),
                    evaluation.getWarning().orElse(""));
        }
        records.told(evaluation);
        forward(
                ModelVersions.keyOf(topics.classifier(), evaluation.getVersion()),
                topics.evaluations().codec().encode(evaluation),
                now,
                EvaluationTopology.EVALUATIONS_SINK);
    }

    private void forward(String key, byte[] value, long now, String sink) {
        context().forward(new Record<>(key, value, now), sink);
    }

    /** The next owner of the partition shows them. */
    @Override
    public void close() {
        metrics.forgetAll();
    }
}
