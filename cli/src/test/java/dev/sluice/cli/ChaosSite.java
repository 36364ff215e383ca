package dev.sluice.cli;

import dev.sluice.classifier.ClassifierMain;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.schemas.Replication;
import dev.sluice.schemas.TopicCreation;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.TrainerMain;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/**
 * A whole Sluice on one machine: a broker, two embedders, two classifiers and a trainer, each in a process of its own, and a
 * stand-in for Gemini. The services reach broker and stand-in through relays only.
 */
final class ChaosSite implements AutoCloseable {
    static final int SERVICES = 5;
    static final String CLASSIFIER = "classifier-";

    private static final int CLASSIFIERS = 2;
    private static final int DIMENSIONS = 128;

    private final Topics topics = new Topics("chaos-", Topics.DEFAULT_CLASSIFIER, LocalBroker.PARTITIONS);
    private final Path folder;
    private final ChaosLog log;
    private final GeminiServer gemini;
    private final ChaosRelay toGemini;
    private final ChaosRelay toBroker;
    private final ChaosService broker;
    private final String bootstrapServers;
    private final List<ChaosService> services;

    private ChaosSite(Path folder, ChaosLog log) throws IOException {
        this.folder = folder;
        this.log = log;
        gemini = GeminiServer.start("latency-ms", "20", "errors", "0.005", "drops", "0.005");
        toGemini = ChaosRelay.to(URI.create(gemini.url()).getPort());
        List<Integer> ports = Ports.free(2);
        toBroker = ChaosRelay.to(ports.get(0));
        bootstrapServers = "127.0.0.1:" + ports.get(1);
        broker = new ChaosService(
                "broker",
                ChaosBroker.class,
                ChaosBroker.settings(folder.resolve("kafka"), ports.get(0), ports.get(1), toBroker.port()),
                folder,
                log);
        services = List.of(
                new ChaosService("embedder-0", EmbedderMain.class, embedder(), folder, log),
                new ChaosService("embedder-1", EmbedderMain.class, embedder(), folder, log),
                new ChaosService(CLASSIFIER + 0, ClassifierMain.class, classifier(CLASSIFIER + 0), folder, log),
                new ChaosService(CLASSIFIER + 1, ClassifierMain.class, classifier(CLASSIFIER + 1), folder, log),
                new ChaosService("trainer-0", TrainerMain.class, trainer(), folder, log));
    }

    /** Returns when broker and topics are there and the services are on their way. */
    static ChaosSite start(Path folder, ChaosLog log) throws IOException, InterruptedException {
        ChaosSite site = new ChaosSite(folder, log);
        try {
            site.startAll();
        } catch (Throwable e) {
            site.close(); // nobody else knows of its processes
            throw e;
        }
        return site;
    }

    private void startAll() throws InterruptedException {
        broker.start();
        broker.awaitLine(ChaosBroker.READY);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            TopicCreation.createMissing(admin, topics, Replication.OF_BROKER);
        }
        services.forEach(ChaosService::start);
    }

    Topics topics() {
        return topics;
    }

    /** The test's own way to the broker. */
    String bootstrapServers() {
        return bootstrapServers;
    }

    GeminiServer gemini() {
        return gemini;
    }

    ChaosRelay toGemini() {
        return toGemini;
    }

    ChaosRelay toBroker() {
        return toBroker;
    }

    ChaosService broker() {
        return broker;
    }

    List<ChaosService> services() {
        return services;
    }

    static int classifiers() {
        return CLASSIFIERS;
    }

    private Map<String, String> common() {
        return new HashMap<>(Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + toBroker.port(),
                "topic.prefix",
                topics.prefix(),
                "topic.partitions",
                Integer.toString(LocalBroker.PARTITIONS),
                "consumer.session.timeout.ms",
                "5000",
                "consumer.heartbeat.interval.ms",
                "1000",
                "producer.transaction.timeout.ms",
                "5000"));
    }

    private Map<String, String> embedder() {
        Map<String, String> settings = common();
        settings.putAll(Map.of(
                "embedding.provider", "gemini",
                "embedding.dimensions", Integer.toString(DIMENSIONS),
                "gemini.api.key", Unsaid.KEY,
                "gemini.base.url", "http://127.0.0.1:" + toGemini.port(),
                "request.timeout.ms", "4000",
                "retry.backoff.ms", "50",
                "retry.backoff.max.ms", "1000",
                "circuit.wait.ms", "2000"));
        return settings;
    }

    private Map<String, String> classifier(String instance) {
        Map<String, String> settings = common();
        settings.put("instance", instance);
        settings.put("state.dir", folder.resolve(instance).toString());
        return settings;
    }

    private Map<String, String> trainer() {
        Map<String, String> settings = common();
        settings.remove("consumer.session.timeout.ms");
        settings.remove("consumer.heartbeat.interval.ms");
        settings.put("hidden.layers", "8");
        settings.put("epochs", "2");
        settings.put("models.keep", "0");
        settings.put("promotion.max.accuracy.drop", "1");
        return settings;
    }

    /** As if nothing had been; what is still stopped or down is not started here. */
    void heal() {
        toBroker.heal();
        toGemini.heal();
        gemini.answerInstead(Optional.empty());
        log.event("all is healed");
    }

    @Override
    public void close() throws IOException {
        services.forEach(ChaosService::close);
        broker.close();
        toBroker.close();
        toGemini.close();
        gemini.close();
    }
}
