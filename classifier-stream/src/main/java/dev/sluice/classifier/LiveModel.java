package dev.sluice.classifier;

import dev.sluice.classifier.Reports.Outcome;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which versions answer. Live is, of the events that count, the newest whose version is known and sound; which ones count, a
 * fold says ({@link Deployments}), and it alone names the canary and the shadow: there, nobody takes the place of a version that
 * is missing. So a bad version never takes the place of a good one, and a restart comes to the same answer, because it
 * depends on the topics alone. The one exception: a version deleted while it answers goes on until the restart.
 *
 * <p>The stores' global thread reads, checks, builds and warms up; stream threads only see the result, by one atomic switch.
 * The heap holds the predictors that answer and no others. While the stores are being restored nothing is chosen: Kafka
 * Streams first runs every stored record past a throw-away processor, then initialises the real ones, and only then starts
 * the stream threads, so the choice is there before the first post.
 */
final class LiveModel implements StateRestoreListener {
    private static final Logger LOG = LoggerFactory.getLogger(LiveModel.class);

    private final String classifier;
    private final Trust trust;
    private final StoredModels models;
    private final Reports reports;
    private final ArmReports outcomes;
    private final AtomicReference<Arms> arms = new AtomicReference<>(Arms.NONE);
    private final Set<String> restored = new HashSet<>();
    private boolean following;
    private Deployments deployments;

    LiveModel(Topics topics, Trust trust, Reports reports) {
        this.classifier = topics.classifier();
        this.trust = trust;
        this.reports = reports;
        models = new StoredModels(topics, trust);
        outcomes = new ArmReports(reports);
    }

    /** What answers now; for any thread, and to be asked once per post. */
    Arms arms() {
        return arms.get();
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {}

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long offset, long records) {}

    /** The store holds all that was on its topic when the service started. */
    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long records) {
        restored.add(store);
    }

    /**
     * The stores are open; chooses, if both are restored.
     *
     * @param stored the versions as they lie on the topic, by record key
     * @param events of the log of deployments, by offset
     */
    void opened(ReadOnlyKeyValueStore<String, byte[]> stored, ReadOnlyKeyValueStore<Long, Deployment> events) {
        models.opened(stored);
        deployments = fold(events);
        following = restored.containsAll(Set.of(ClassifyTopology.MODELS, ClassifyTopology.DEPLOYMENTS));
        if (following) {
            choose(Optional.empty());
        }
    }

    private Deployments fold(ReadOnlyKeyValueStore<Long, Deployment> events) {
        Deployments folded = new Deployments(classifier, trust);
        try (var oldestFirst = events.all()) {
            oldestFirst.forEachRemaining(event -> folded.add(event.key, event.value));
        }
        return folded;
    }

    /** Whether records now are news; if not, they only refill the stores. */
    boolean following() {
        return following;
    }

    /**
     * The store of deployments has one event more. If it counts, the outcome is reported even if all stays as it is:
     * somebody waits for the answer.
     */
    void deploymentArrived(long offset, Deployment event) {
        if (!following) {
            return;
        }
        deployments.add(offset, event);
        Change newest = deployments.history().get(deployments.history().size() - 1);
        if (newest.applied()) {
            outcomes.asked(armOf(event));
            choose(Optional.empty());
            return;
        }
        reports.lost(newest);
        if (newest.refused()) {
            tellRefused(newest);
        }
    }

    private static Arm armOf(Deployment event) {
        return switch (event.getAction()) {
            case SHADOW -> Arm.SHADOW;
            case CANARY -> Arm.CANARY;
            default -> Arm.LIVE;
        };
    }

    /** Whoever wrote the event may not know that signatures are asked for here, and waits for an answer. */
    private void tellRefused(Change refused) {
        Arm arm = armOf(refused.event());
        Arms now = arms.get();
        Optional<Serving> answering = arm == Arm.SHADOW ? now.shadow() : now.live();
        refused.to()
                .filter(version -> arm == Arm.LIVE)
                .or(() -> Optional.of(refused.event().getVersion()))
                .filter(version -> version > 0)
                .ifPresent(version -> reports.deployment(new Outcome(
                        arm,
                        DeploymentState.REFUSED,
                        version,
                        answering.map(Serving::version),
                        refused.lost().orElseThrow())));
        outcomes.asked(arm); // what serves there is news again, and the last word
        report(now);
    }

    /**
     * The store of models has changed. The newcomer is checked at once, though it may never be deployed, so that its
     * maker hears of it.
     *
     * @param value the record's bytes, or nothing if the version was deleted
     * @return why it is refused, if it is not a sound version; what serves goes on
     */
    Optional<RuntimeException> modelArrived(String key, Optional<byte[]> value) {
        if (!following) {
            return Optional.empty();
        }
        try {
            choose(models.arrived(key, value));
            return Optional.empty();
        } catch (RuntimeException e) {
            choose(Optional.empty());
            return Optional.of(e);
        }
    }

    private void choose(Optional<Serving> newcomer) {
        Arms next = new Arms(
                live(newcomer).or(() -> arms.get().live()),
                deployments.canary().flatMap(it -> ready(it.version(), newcomer)
                        .map(serving -> new Arms.Canary(serving, it.share()))),
                deployments.shadow().flatMap(version -> ready(version, newcomer)));
        arms.set(next);
        report(next);
    }

    private Optional<Serving> live(Optional<Serving> newcomer) {
        List<Change> history = deployments.history();
        Optional<Serving> found = Optional.empty();
        for (int i = history.size() - 1; i >= 0 && found.isEmpty(); i--) {
            if (history.get(i).applied()) {
                found = history.get(i).to().flatMap(version -> ready(version, newcomer));
            }
        }
        return found;
    }

    /** The version, ready to answer, if it can be had: just come, or at work already, or from the store. */
    private Optional<Serving> ready(int version, Optional<Serving> newcomer) {
        Optional<Serving> come = newcomer.filter(it -> it.version() == version);
        Optional<Serving> atWork =
                come.isPresent() ? Optional.empty() : arms.get().ready(version);
        if (atWork.isPresent()) {
            return atWork;
        }
        Optional<Serving> loaded = come.or(() -> models.load(version));
        loaded.ifPresent(it -> {
            int calls = WarmUp.of(it.predictor());
            LOG.info("version {} of classifier {} is ready, after {} answers to warm up", version, classifier, calls);
        });
        return loaded;
    }

    private void report(Arms now) {
        deployments.live().ifPresent(version -> report(Arm.LIVE, version, now.live(), Optional.empty()));
        deployments
                .canary()
                .ifPresentOrElse(
                        it -> report(Arm.CANARY, it.version(), now.canary().map(Arms.Canary::serving), now.live()),
                        () -> outcomes.tellEnded(Arm.CANARY));
        deployments
                .shadow()
                .ifPresentOrElse(
                        version -> report(Arm.SHADOW, version, now.shadow(), Optional.empty()),
                        () -> outcomes.tellEnded(Arm.SHADOW));
    }

    /** @param instead what answers where the arm has nobody, or where its version cannot */
    private void report(Arm arm, int version, Optional<Serving> serving, Optional<Serving> instead) {
        Optional<Integer> answering = serving.or(() -> instead).map(Serving::version);
        if (serving.filter(it -> it.version() == version).isPresent()) {
            outcomes.tell(
                    new Outcome(arm, DeploymentState.SERVING, version, answering, remark(serving.get(), instead)));
        } else {
            Optional<String> refusal = models.refusal(version);
            outcomes.tell(new Outcome(
                    arm,
                    refusal.isPresent() ? DeploymentState.REFUSED : DeploymentState.WAITING,
                    version,
                    answering,
                    refusal.orElse("version " + version + " is not on the topic of models yet")));
        }
    }

    private String remark(Serving serving, Optional<Serving> instead) {
        if (models.deleted(serving.version())) {
            return "it was deleted from the topic of models: it answers until the next start";
        }
        return instead.filter(it -> !it.spaceId().equals(serving.spaceId()))
                .map(it -> "it reads another embedding space than version " + it.version()
                        + ", which answers the posts that have no vector there")
                .orElse("");
    }
}
