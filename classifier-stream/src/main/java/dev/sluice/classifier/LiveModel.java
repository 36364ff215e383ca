package dev.sluice.classifier;

import dev.sluice.classifier.Reports.Outcome;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Deployments.Change;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.RecordCodec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which version serves: of the events that count, the newest whose version is known and sound; which ones count, a fold
 * says ({@link Deployments}). So a bad or a missing version never takes the place of a good one, and a restart comes to the same answer, because it depends on the topics alone.
 * The one exception: a version deleted while it serves goes on until the restart.
 *
 * <p>The stores' global thread reads, checks and builds; stream threads only see the result, by one atomic switch. The
 * heap holds the predictor that serves and no other. While the stores are being restored nothing is chosen: Kafka Streams
 * first runs every stored record past a throw-away processor, then initialises the real ones, and only then starts the
 * stream threads, so the choice is there before the first post.
 */
final class LiveModel implements StateRestoreListener {
    private static final Logger LOG = LoggerFactory.getLogger(LiveModel.class);

    private final RecordCodec<ModelVersion> codec;
    private final String classifier;
    private final Reports reports;
    private final AtomicReference<Optional<Serving>> serving = new AtomicReference<>(Optional.empty());

    private final Set<String> restored = new HashSet<>();
    private final Map<Integer, String> unsound = new HashMap<>();
    private Optional<Outcome> reported = Optional.empty();
    private boolean following;
    private ReadOnlyKeyValueStore<String, byte[]> models;
    private Deployments deployments;

    LiveModel(RecordCodec<ModelVersion> codec, String classifier, Reports reports) {
        this.codec = codec;
        this.classifier = classifier;
        this.reports = reports;
    }

    /** What serves now; for any thread, and to be asked once per post. */
    Optional<Serving> serving() {
        return serving.get();
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
     * @param models the versions as they lie on the topic, by record key
     * @param events of the log of deployments, by offset
     */
    void opened(ReadOnlyKeyValueStore<String, byte[]> models, ReadOnlyKeyValueStore<Long, Deployment> events) {
        this.models = models;
        deployments = fold(events);
        following = restored.containsAll(Set.of(ClassifyTopology.MODELS, ClassifyTopology.DEPLOYMENTS));
        if (following) {
            choose(Optional.empty());
        }
    }

    private Deployments fold(ReadOnlyKeyValueStore<Long, Deployment> events) {
        Deployments folded = new Deployments(classifier);
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
            reported = Optional.empty();
            choose(Optional.empty());
        } else {
            reports.lost(newest);
        }
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
        unsound.keySet()
                .removeIf(version -> ModelVersions.keyOf(classifier, version).equals(key));
        Optional<Serving> newcomer = Optional.empty();
        Optional<RuntimeException> refusal = Optional.empty();
        try {
            newcomer = value.map(bytes -> Serving.of(codec, classifier, key, bytes));
        } catch (RuntimeException e) {
            refusal = Optional.of(e);
        }
        if (newcomer.filter(again -> serves(again.version())).isPresent()) {
            serving.set(newcomer);
        }
        choose(newcomer);
        return refusal;
    }

    private void choose(Optional<Serving> newcomer) {
        List<Change> history = deployments.history();
        boolean found = false;
        for (int i = history.size() - 1; i >= 0 && !found; i--) {
            found = history.get(i).applied()
                    && history.get(i)
                            .to()
                            .filter(version -> serves(version) || take(version, newcomer))
                            .isPresent();
        }
        deployments.live().ifPresent(this::report);
    }

    private void report(int newest) {
        DeploymentState state = DeploymentState.WAITING;
        String reason = "version " + newest + " is not on the topic of models yet";
        if (serves(newest)) {
            state = DeploymentState.SERVING;
            reason = "";
        } else if (unsound.containsKey(newest)) {
            state = DeploymentState.REFUSED;
            reason = unsound.get(newest);
        }
        Outcome outcome = new Outcome(state, newest, serving.get().map(Serving::version), reason);
        if (!reported.equals(Optional.of(outcome))) {
            reported = Optional.of(outcome);
            reports.deployment(outcome);
        }
    }

    private boolean serves(int version) {
        return serving.get().filter(now -> now.version() == version).isPresent();
    }

    private boolean take(int version, Optional<Serving> newcomer) {
        Optional<Serving> next =
                newcomer.filter(sound -> sound.version() == version).or(() -> load(version));
        next.ifPresent(sound -> {
            LOG.info("version {} of classifier {} serves now", version, classifier);
            serving.set(next);
        });
        return next.isPresent();
    }

    private Optional<Serving> load(int version) {
        String key = ModelVersions.keyOf(classifier, version);
        byte[] value = unsound.containsKey(version) ? null : models.get(key);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Serving.of(codec, classifier, key, value));
        } catch (RuntimeException e) {
            unsound.put(version, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
