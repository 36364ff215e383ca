package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.ClassifierMain;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Posts flow all the time while embedders and classifiers, as processes of their own, are scaled from one to three, restarted
 * one after another, scaled back to one, and that one killed.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class RollingIT {
    private static final int POSTS_PER_SECOND = 100;
    private static final int INSTANCES = 3;

    /** 10 s are promised, and printed is what they were; a machine that is busy with other things may take longer. */
    private static final Duration LONGEST_STALL = Duration.ofSeconds(30);

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private final String prefix = TestBroker.newPrefix();
    private final Topics topics = new Topics(prefix, Topics.DEFAULT_CLASSIFIER, LocalBroker.PARTITIONS);
    private final AtomicBoolean enough = new AtomicBoolean();
    private int started;

    @TempDir
    Path folder;

    private ServiceProcess embedder(GeminiServer gemini) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.putAll(gemini.embedderSettings());
        settings.putAll(Map.of("batch.max.texts", "10"));
        return ServiceProcess.start(folder, EmbedderMain.class, settings);
    }

    private ServiceProcess classifier() {
        Map<String, String> settings = broker.serviceSettings(prefix);
        started++;
        settings.put("instance", "c" + started);
        settings.put("state.dir", folder.resolve("c" + started).toString());
        return ServiceProcess.start(folder, ClassifierMain.class, settings);
    }

    private void awaitBoth(int count) throws Exception {
        new GroupMembers(broker, prefix + "sluice-embedder").await(count, count);
        new GroupMembers(broker, prefix + "sluice-classify").await(count, count);
    }

    /** Tells how many were sent. */
    private int sendAllTheTime() {
        int sent = 0;
        for (long begun = System.nanoTime(); !enough.get(); LockSupport.parkNanos(20_000_000)) {
            long due = (System.nanoTime() - begun) * POSTS_PER_SECOND / 1_000_000_000;
            while (sent < due) {
                broker.produce(List.of(new ProducerRecord<>(
                        topics.posts().name(),
                        sent % LocalBroker.PARTITIONS,
                        null,
                        ("{\"text\":\"post number " + sent + "\"}").getBytes(UTF_8))));
                sent++;
            }
        }
        return sent;
    }

    @Test
    void shouldGoOnAndAnswerEachPostOnceWhenServicesAreScaledRestartedAndKilled() throws Exception {
        broker.createTopics(prefix);
        Deque<ServiceProcess> embedders = new ArrayDeque<>();
        Deque<ServiceProcess> classifiers = new ArrayDeque<>();
        try (GeminiServer gemini = GeminiServer.start("latency-ms", "50");
                CommittedFlow embedded = new CommittedFlow(
                        broker.bootstrapServers(),
                        topics.embeddedPosts().name(),
                        value -> topics.embeddedPosts().codec().decode(value).getSource());
                CommittedFlow predicted = new CommittedFlow(
                        broker.bootstrapServers(),
                        topics.predictions().name(),
                        value -> topics.predictions().codec().decode(value).getSource())) {
            try {
                CompletableFuture<Integer> load = CompletableFuture.supplyAsync(this::sendAllTheTime);
                embedders.add(embedder(gemini));
                classifiers.add(classifier());
                awaitBoth(1);
                predicted.await(1);

                stalls("start", embedded, predicted);
                for (int i = 1; i < INSTANCES; i++) {
                    embedders.add(embedder(gemini));
                    classifiers.add(classifier());
                }
                awaitBoth(INSTANCES);
                within(stalls("scaled from 1 to " + INSTANCES, embedded, predicted));

                for (int i = 0; i < INSTANCES; i++) {
                    CompletableFuture<Void> leaving = CompletableFuture.runAsync(terminating(embedders.remove()));
                    terminating(classifiers.remove()).run();
                    leaving.join();
                    embedders.add(embedder(gemini));
                    classifiers.add(classifier());
                    awaitBoth(INSTANCES);
                }
                within(stalls("rolling restart of " + INSTANCES, embedded, predicted));

                while (embedders.size() > 1) {
                    terminating(embedders.remove()).run();
                    terminating(classifiers.remove()).run();
                }
                awaitBoth(1);
                within(stalls("scaled from " + INSTANCES + " to 1", embedded, predicted));

                embedders.remove().pullThePlug();
                embedders.add(embedder(gemini));
                embedded.await(embedded.places() + POSTS_PER_SECOND);
                stalls("the only embedder killed", embedded, predicted);
                classifiers.remove().pullThePlug();
                classifiers.add(classifier());
                predicted.await(predicted.places() + POSTS_PER_SECOND);
                stalls("the only classifier killed", embedded, predicted);

                enough.set(true);
                int posts = load.join();
                embedded.await(posts);
                predicted.await(posts);
                assertThat(embedded.repeated()).isEmpty();
                assertThat(predicted.repeated()).isEmpty();
                System.out.printf(
                        "%d posts, %d embedded, %d predicted, none twice%n",
                        posts, embedded.places(), predicted.places());
            } finally {
                enough.set(true);
                embedders.forEach(ServiceProcess::close);
                classifiers.forEach(ServiceProcess::close);
            }
        }
    }

    private static Runnable terminating(ServiceProcess process) {
        return () -> {
            try {
                process.terminate();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
    }

    /** The longest of both. */
    private static Duration stalls(String what, CommittedFlow embedded, CommittedFlow predicted) {
        Duration ofEmbedded = embedded.longestGap();
        Duration ofPredicted = predicted.longestGap();
        System.out.printf(
                "%s: longest gap between committed records %.1f s on embedded-posts, %.1f s on predictions%n",
                what, seconds(ofEmbedded), seconds(ofPredicted));
        return ofEmbedded.compareTo(ofPredicted) > 0 ? ofEmbedded : ofPredicted;
    }

    private static void within(Duration stall) {
        assertThat(stall).isLessThan(LONGEST_STALL);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
