package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentAction;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One run: a site is set up, posts flow, the schedule is played, all is healed; then the site must come to rest by itself
 * with every post worked off, and with the version live that was asked for last.
 */
final class ChaosRun implements AutoCloseable {
    private static final Duration SETTLING = Duration.ofMinutes(3);
    private static final int MOST_FAILURES = 20;
    private static final int FIRST_POSTS = 20;
    private static final int LAST_POSTS = 50;
    private static final int FINAL_VERSION = 2;
    private static final int SHADOW_VERSION = 3;

    private final ChaosLog log;
    private final ChaosSite site;
    private final Topics topics;
    private final ChaosProducer producer;
    private final ChaosReader reader;
    private final ChaosPoison poison;

    ChaosRun(Path folder, ChaosLog log) throws IOException, InterruptedException {
        this.log = log;
        this.site = ChaosSite.start(folder, log);
        try {
            this.topics = site.topics();
            this.producer =
                    new ChaosProducer(site.bootstrapServers(), topics.posts().name(), log);
            this.reader = new ChaosReader(site.bootstrapServers());
            this.poison = new ChaosPoison(topics);
        } catch (RuntimeException e) {
            site.close(); // its processes would outlive the test
            throw e;
        }
    }

    /** Three versions, the first of them live at both classifiers, and the last a shadow that nobody asks to go. */
    EmbeddingSpace begin() throws Exception {
        producer.sendPosts(FIRST_POSTS, Duration.ZERO).get();
        List<EmbeddedPost> embedded = new ArrayList<>();
        await("the first embedded post", () -> {
            reader.read(
                    List.of(topics.embeddedPosts().name()),
                    record -> embedded.add(topics.embeddedPosts().codec().decode(record.value())));
            return !embedded.isEmpty();
        });
        EmbeddingSpace space = embedded.get(0).getSpace();
        for (int version = 1; version <= SHADOW_VERSION; version++) {
            producer.send(List.of(new ProducerRecord<>(
                    topics.models().name(),
                    ModelVersions.keyOf("default", version).getBytes(UTF_8),
                    topics.models().codec().encode(TestModels.of(version, space)))));
        }
        producer.send(List.of(poison.deployment(DeploymentAction.DEPLOY, 1)));
        awaitServing(Arm.LIVE, 1);
        producer.send(List.of(poison.deployment(DeploymentAction.SHADOW, SHADOW_VERSION)));
        awaitServing(Arm.SHADOW, SHADOW_VERSION);
        log.event("version 1 serves, and a shadow looks on");
        return space;
    }

    /** Posts flow and faults are played, until both have ended. */
    void play(ChaosSchedule schedule, EmbeddingSpace space, int posts, Duration span) throws Exception {
        ChaosFaults faults = new ChaosFaults(site, producer, poison, space, log);
        CompletableFuture<Void> flow = producer.sendPosts(posts, span);
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<?>> played = new ArrayList<>();
            long start = System.nanoTime();
            for (ChaosFault fault : schedule.faults()) {
                long due = start + TimeUnit.MILLISECONDS.toNanos(fault.atMillis());
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                played.add(threads.submit(() -> {
                    faults.commit(fault);
                    return null;
                }));
            }
            for (Future<?> each : played) {
                each.get();
            }
            flow.get();
        } finally {
            threads.shutdownNow();
        }
        site.heal();
        producer.flush();
        log.event("all " + producer.posts() + " posts are acknowledged");
    }

    /**
     * Every classifier is there and refuses what is bad; all posts are worked off, and the version asked for serves, whatever
     * a trainer says meanwhile.
     */
    void settle(EmbeddingSpace space) throws Exception {
        // from now on no deployment of a trainer's counts
        producer.send(List.of(poison.deployment(DeploymentAction.PIN, FINAL_VERSION)));
        producer.send(poison.models(space));
        int bad = poison.newestBadVersion();
        // what one said before it was killed cannot be taken for this
        await(
                "a refusal of version " + bad + " by all classifiers",
                () -> lastWords(Arm.LIVE)
                                .filter(status ->
                                        status.getState() == DeploymentState.REFUSED && status.getVersion() == bad)
                                .count()
                        == ChaosSite.classifiers());
        log.event("all classifiers refuse version " + bad);
        int refused = read().refusedByAll();
        producer.send(poison.models(space));
        producer.send(poison.deployments(FINAL_VERSION));
        await(
                "letters by all classifiers of what is bad",
                () -> read().refusedByAll() >= refused + ChaosPoison.MODELS_A_BATCH + ChaosPoison.DEPLOYMENTS_A_BATCH);
        producer.send(List.of(poison.deployment(DeploymentAction.PIN, FINAL_VERSION)));
        producer.flush();
        awaitServing(Arm.LIVE, FINAL_VERSION);
        log.event("version " + FINAL_VERSION + " serves");
        producer.sendPosts(LAST_POSTS, Duration.ZERO).get();
        producer.flush();
        await("an outcome for each post", () -> read().isComplete());
        log.event("every post has an outcome");
        CompletableFuture.allOf(site.services().stream()
                        .map(service -> CompletableFuture.runAsync(() -> end(service)))
                        .toArray(CompletableFuture[]::new))
                .get();
        await("the end of open transactions", () -> !reader.hasOpenTransactions(ChaosChecker.topics(topics)));
    }

    private static void end(ChaosService service) {
        try {
            service.terminate();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What lies on the topics now. */
    private ChaosChecker read() {
        ChaosChecker checker = new ChaosChecker(topics, producer.posts(), FIRST_POSTS, ChaosSite.classifiers());
        reader.read(ChaosChecker.topics(topics), checker::add);
        return checker;
    }

    ChaosReport report() {
        return read().report();
    }

    /** How many of the last posts were answered by the version that was asked for last; all of them, if all is well. */
    int missedByFinalVersion() {
        List<String> others = new ArrayList<>();
        reader.read(List.of(topics.predictions().name()), record -> {
            var prediction = topics.predictions().codec().decode(record.value());
            ChaosPosts.numberOf(prediction.getPostId()).ifPresent(number -> {
                if (number >= producer.posts() - LAST_POSTS
                        && !prediction.getModelVersion().equals(Optional.of(FINAL_VERSION))) {
                    others.add(prediction.getPostId());
                }
            });
        });
        return others.size();
    }

    /** What the log of deployments comes to. */
    Optional<Integer> liveVersion() {
        Deployments fold = new Deployments("default");
        reader.read(List.of(topics.deployments().name()), record -> {
            try {
                Deployment event = topics.deployments().codec().decode(record.value());
                fold.add(record.offset(), event);
            } catch (UnreadableRecordException e) {
                // poison
            }
        });
        return fold.live();
    }

    /** Until the last word of all classifiers is that this version serves. */
    private void awaitServing(Arm arm, int version) throws InterruptedException {
        await(
                "version " + version + " at all classifiers",
                () -> lastWords(arm)
                                .filter(status -> status.getState() == DeploymentState.SERVING
                                        && status.getServingVersion().equals(Optional.of(version)))
                                .count()
                        == ChaosSite.classifiers());
    }

    /** What each classifier said last of an arm, or said before it was killed. */
    private Stream<DeploymentStatus> lastWords(Arm arm) {
        Map<String, DeploymentStatus> last = new HashMap<>();
        reader.read(List.of(topics.deploymentStatus().name()), record -> {
            if (record.value() == null) {
                return; // an arm that is no more
            }
            DeploymentStatus status = topics.deploymentStatus().codec().decode(record.value());
            if (status.getArm() == arm) {
                last.put(status.getInstance(), status);
            }
        });
        return last.values().stream();
    }

    private void await(String what, BooleanSupplier there) throws InterruptedException {
        long deadline = System.nanoTime() + SETTLING.toNanos();
        while (!there.getAsBoolean()) {
            if (System.nanoTime() > deadline || log.failures().size() > MOST_FAILURES) {
                throw new AssertionError("there is not " + what + "; see " + log.folder() + "\n" + report());
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
    }

    @Override
    public void close() throws IOException {
        producer.close();
        reader.close();
        site.close();
    }
}
