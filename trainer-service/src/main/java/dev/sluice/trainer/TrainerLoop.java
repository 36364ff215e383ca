package dev.sluice.trainer;

import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the active trainer does, turn by turn: take part in the group, read on, and begin or end a fit. Fits run on a
 * thread of their own, one at a time, so that polling never pauses. To be used by one thread.
 */
final class TrainerLoop {
    private static final Logger LOG = LoggerFactory.getLogger(TrainerLoop.class);
    private static final Pattern COUNTS = Pattern.compile("\\(\\d+\\)|\\d+ (training )?examples?");
    private static final Duration STANDING_BY = Duration.ofMillis(200);
    private static final Duration READING = Duration.ofMillis(50);

    /** So many trainers fall at a request before it is refused: fewer may just have been killed. */
    static final int MOST_FALLS = 3;

    private final TrainingRequests requests;
    private final LabeledVectors vectors;
    private final PublishedModels models;
    private final ModelPublisher publisher;
    private final ExecutorService worker;
    private final TrainerConfig config;
    private final Topics topics;
    private final TrainingListener listener;
    private final TrainerMetrics metrics;
    private final Clock clock;

    /** Counts how often this one stood by: a fit that was begun before is not wanted after. */
    private final AtomicInteger term = new AtomicInteger();

    private boolean active;
    private Lineage catchUp = Lineage.NOTHING;

    /** By the canonical id of the space that was learned: a fit of one says nothing of what is new in another. */
    private final Map<String, Lineage> lastFits = new HashMap<>();

    private boolean changed;

    /** What is waited for, without the counts, which change with every example; empty if nothing is. */
    private String waitingFor = "";

    private Optional<Pending> pending = Optional.empty();
    private Optional<Running> running = Optional.empty();

    /** A request that waits until everything has been read that was there when it came. */
    private record Pending(TrainingRequests.Numbered request, Lineage target) {}

    private record Running(Future<ModelVersion> fit, Optional<TrainingRequests.Numbered> request) {}

    TrainerLoop(
            TrainingRequests requests,
            LabeledVectors vectors,
            PublishedModels models,
            ModelPublisher publisher,
            ExecutorService worker,
            TrainerConfig config,
            TrainingListener listener,
            TrainerMetrics metrics,
            Clock clock) {
        this.requests = requests;
        this.vectors = vectors;
        this.models = models;
        this.publisher = publisher;
        this.worker = worker;
        this.config = config;
        this.topics = config.topics();
        this.listener = listener;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** One turn; takes a fraction of a second. */
    void turn() throws InterruptedException {
        Optional<TrainingRequests.Numbered> request = requests.poll(active ? Duration.ZERO : STANDING_BY);
        if (requests.takeLost() && active) {
            LOG.info("Another trainer of the classifier {} is active now; this one stands by", topics.classifier());
            standBy();
        }
        if (requests.isOwner() && !active) {
            takeOver();
        }
        if (!active) {
            return;
        }
        request.ifPresent(asked -> pending = Optional.of(new Pending(asked, vectors.ends())));
        if (vectors.poll(READING)) {
            changed = true;
            metrics.examples(
                    vectors.examples().training(config.hyperparameters().task()));
        }
        if (running.isPresent() && running.get().fit().isDone()) {
            end(running.get());
        }
        if (running.isEmpty()) {
            if (pending.isPresent()) {
                beginWhenRead(pending.get());
            } else {
                beginWhenDue();
            }
        }
    }

    private void takeOver() throws InterruptedException {
        LOG.info("This is the active trainer of the classifier {}", topics.classifier());
        active = true;
        changed = true;
        vectors.begin();
        catchUp = vectors.ends();
        await(worker.submit(models::follow)); // there, because a fit that was stopped may still be busy with them
        lastFits.clear();
        models.newestFittedBySpace()
                .forEach((space, fitted) ->
                        lastFits.put(space, Lineage.of(fitted.training()).within(catchUp)));
        preferLiveSpace();
    }

    /** To be called while no fit runs. */
    private void preferLiveSpace() throws InterruptedException {
        vectors.examples().prefer(await(worker.submit(publisher::liveSpace)));
    }

    /** After a call that Kafka did not answer: nobody knows what of it came through, so all is read again. */
    void beginAnew() {
        standBy();
        requests.joinAnew();
    }

    private void standBy() {
        active = false;
        term.incrementAndGet();
        running.ifPresent(fit -> fit.fit().cancel(true));
        running = Optional.empty();
        pending = Optional.empty();
        vectors.end();
    }

    private void beginWhenRead(Pending asked) throws InterruptedException {
        if (!vectors.read().reaches(asked.target())) {
            return;
        }
        TrainingRequests.Numbered request = asked.request();
        pending = Optional.empty();
        preferLiveSpace();
        Map<String, String> overrides = new HashMap<>(request.request().getOverrides());
        Optional<String> space = Optional.ofNullable(overrides.remove(TrainerConfig.EMBEDDING_SPACE));
        int fallen = requests.begin(request);
        try {
            if (fallen >= MOST_FALLS) {
                throw new RefusedTrainingException(
                        fallen + " trainers in a row have fallen while they were at this request;"
                                + " see their logs: if it was memory, raise -Xmx or ask for a smaller network");
            }
            begin(
                    space.map(vectors.examples()::spaceNamed)
                            .map(vectors.examples()::snapshot)
                            .orElseGet(this::snapshot),
                    config.hyperparameters().with(overrides),
                    Optional.of(request),
                    "requested by "
                            + (request.request().getBy().isBlank()
                                    ? "someone"
                                    : request.request().getBy()));
        } catch (RefusedTrainingException e) {
            refuse(e.getMessage());
            requests.refuse(request, e);
        }
    }

    private void beginWhenDue() throws InterruptedException {
        if (!changed || !vectors.read().reaches(catchUp)) {
            return;
        }
        changed = false;
        TrainingPolicy policy = config.policy();
        LearningTask.Wanted task = config.hyperparameters().task();
        long examples = vectors.examples().training(task);
        Optional<String> counted = vectors.examples().space();
        Optional<Lineage> lastFit = counted.map(lastFits::get);
        long fresh = vectors.examples().fresh(task, lastFit.orElse(Lineage.NOTHING));
        if (!policy.isDue(lastFit.isPresent(), examples, fresh)) {
            return;
        }
        preferLiveSpace();
        if (!vectors.examples().space().equals(counted)) { // somebody has deployed a version of another space since
            changed = true;
            return;
        }
        Examples.Snapshot snapshot = snapshot();
        Splits splits = Splits.of(snapshot.learnable(), config.hyperparameters());
        Optional<String> refusal = policy.refusal(splits, config.hyperparameters());
        if (refusal.isPresent()) {
            String kind = COUNTS.matcher(refusal.get()).replaceAll("");
            if (!kind.equals(waitingFor)) {
                refuse(refusal.get());
            }
            waitingFor = kind;
            return;
        }
        waitingFor = "";
        // Also if it comes to nothing: the same examples would give the same.
        lastFits.put(EmbeddingSpaces.idOf(snapshot.space()), vectors.read());
        begin(snapshot, config.hyperparameters(), Optional.empty(), fresh + " new training examples");
    }

    /** @throws RefusedTrainingException if there is nothing to fit */
    private Examples.Snapshot snapshot() {
        return vectors.examples()
                .snapshot()
                .orElseThrow(() -> new RefusedTrainingException(
                        "there are no examples on " + topics.labeledVectors().name()));
    }

    private void begin(
            Examples.Snapshot snapshot,
            Hyperparameters parameters,
            Optional<TrainingRequests.Numbered> request,
            String reason) {
        if (snapshot.leftAside() > 0) {
            LOG.info(
                    "{} examples without a vector in the embedding space {} are left aside",
                    snapshot.leftAside(),
                    EmbeddingSpaces.idOf(snapshot.space()));
        }
        int begun = term.get();
        FitTask.Assignment assignment = new FitTask.Assignment(
                snapshot,
                vectors.read(),
                parameters,
                request.map(TrainingRequests.Numbered::id),
                reason,
                () -> term.get() == begun);
        FitTask task = new FitTask(assignment, config.policy(), topics, publisher, listener, clock);
        vectors.examples().hold();
        running = Optional.of(new Running(worker.submit(metrics.timed(task)), request));
    }

    private void end(Running fit) throws InterruptedException {
        running = Optional.empty();
        vectors.examples().letGo();
        changed = true; // what came meanwhile is looked at now
        preferLiveSpace();
        try {
            ModelVersion version = await(fit.fit());
            lastFits.put(EmbeddingSpaces.idOf(version.getSpace()), Lineage.of(version.getTraining()));
            metrics.published(version);
            listener.published(version);
            fit.request().ifPresent(requests::done);
        } catch (RefusedTrainingException e) {
            refuse(e.getMessage());
            fit.request().ifPresent(request -> requests.refuse(request, e));
        }
    }

    private void refuse(String reason) {
        metrics.refused();
        listener.refused(reason);
    }

    /** The task's result; or what it threw, as it was. */
    private static <T> T await(Future<T> task) throws InterruptedException {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
