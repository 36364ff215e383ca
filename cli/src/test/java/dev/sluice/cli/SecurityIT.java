package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.embedder.EmbedderConfig;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.embedder.EmbedderService;
import dev.sluice.runtime.RunningService;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.TrainerConfig;
import dev.sluice.trainer.TrainerService;
import dev.sluice.trainer.TrainingListener;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** All services, each with the rights of docs/security.md and no others, on a broker that asks for TLS, passwords and rights. */
class SecurityIT {
    private static final List<String> USERS =
            List.of("embedder", "trainer", "classifier", "producer", "reader", "operator", "stranger");
    private static final AclBinding CREATES_ANY = new AclBinding(
            new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL),
            new AccessControlEntry("User:embedder", "*", AclOperation.CREATE, AclPermissionType.ALLOW));
    private static final Queue<String> LOG = new ConcurrentLinkedQueue<>();

    @TempDir
    static Path folder;

    private static SecuredBroker broker;
    private static final AppenderBase<ILoggingEvent> EARS = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            LOG.add(event.getFormattedMessage()
                    + (event.getThrowableProxy() == null
                            ? ""
                            : ThrowableProxyUtil.asString(event.getThrowableProxy())));
        }
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @BeforeAll
    static void start() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        EARS.setContext(root.getLoggerContext());
        EARS.start();
        root.addAppender(EARS);
        ((Logger) LoggerFactory.getLogger("dev.sluice")).setLevel(Level.INFO); // services in use say that much
        broker = new SecuredBroker(folder);
        broker.addUsers(USERS);
    }

    @AfterAll
    static void stop() {
        broker.close();
        ((Logger) LoggerFactory.getLogger("dev.sluice")).setLevel(null);
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).detachAppender(EARS);
    }

    private Map<String, String> settings(String user, String prefix, String... more) {
        Map<String, String> settings = broker.clientOf(user);
        settings.put("topic.prefix", prefix);
        settings.put("topic.partitions", Integer.toString(LocalBroker.PARTITIONS));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return settings;
    }

    private EmbedderService embedder(String prefix, String... more) {
        return EmbedderService.start(
                new EmbedderConfig(settings("embedder", prefix, more)), Clock.systemUTC(), registry);
    }

    /** Of an embedder that shows its key to the Gemini API. */
    private static String[] gemini(GeminiServer gemini) {
        return new String[] {
            "embedding.provider", "gemini",
            "embedding.dimensions", "128",
            "gemini.api.key", "marked-key",
            "gemini.base.url", gemini.url(),
            "retry.backoff.ms", "50"
        };
    }

    private RunningService trainer(String prefix) {
        return TrainerService.start(
                new TrainerConfig(settings(
                        "trainer", prefix, "training.min.examples", "6", "epochs", "3", "validation.data", "none")),
                Clock.systemUTC(),
                registry,
                TrainingListener.logging());
    }

    private RunningService classifier(String prefix) {
        return ClassifierService.start(
                new ClassifierConfig(settings("classifier", prefix)), Clock.systemUTC(), registry);
    }

    private static void produce(Map<String, String> client, String topic, List<String> values)
            throws ExecutionException, InterruptedException {
        Properties settings = new Properties();
        settings.putAll(client);
        settings.put("max.block.ms", "20000");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(topic, value)).get();
            }
        }
    }

    private static List<String> posts(int from, int to) {
        List<String> posts = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String about = i % 2 == 0 ? "orbit" : "medicine";
            posts.add("{\"id\":\"p" + i + "\",\"text\":\"a post number " + i + " on " + about + "\",\"label\":\""
                    + about + "\"}");
        }
        return posts;
    }

    @Test
    void shouldClassifyWhenEachServiceHasTheRightsOfTheTableAndNoOthers() throws Exception {
        String prefix = TestBroker.newPrefix();
        Topics topics = broker.plain().createTopics(prefix);
        broker.allow(SecuredBroker.rights(prefix));
        try (GeminiServer gemini = GeminiServer.start("key", "marked-key");
                RunningService embedder = embedder(prefix, gemini(gemini));
                RunningService trainer = trainer(prefix);
                RunningService classifier = classifier(prefix)) {
            produce(broker.clientOf("producer"), topics.posts().name(), posts(0, 10));
            broker.plain().readAll(topics.deploymentStatus(), all -> all.stream()
                    .anyMatch(status -> status.getState() == DeploymentState.SERVING));
            gemini.failNext(2);
            produce(broker.clientOf("producer"), topics.posts().name(), posts(10, 20));
            produce(broker.clientOf("producer"), topics.posts().name(), List.of("{broken"));

            List<Prediction> predictions = broker.plain()
                    .readAll(
                            topics.predictions(),
                            all -> all.size() >= 20
                                    && all.stream().anyMatch(each -> each.getStatus() == PredictionStatus.CLASSIFIED));
            var letters =
                    broker.plain().readAll(Topics.deadLetterOf(topics.posts().name()), all -> !all.isEmpty());

            assertThat(predictions).hasSize(20);
            assertThat(gemini.report().failed()).as("calls that failed").isGreaterThanOrEqualTo(2);
            assertThat(List.of(embedder, trainer, classifier))
                    .noneMatch(it -> it.ended().isDone());
            assertThat(run("operator", prefix, "deploy", "1").out()).contains("version 1 is live");
            assertThat(run("operator", prefix, "dlq", "redrive").out()).contains("posts.dead-letter: 1 sent again");
            assertThat(Stream.of(
                            registry.scrape(),
                            letters.toString(),
                            letters.get(0).headers().toString(),
                            embedder.health().toString(),
                            trainer.health().toString(),
                            classifier.health().toString()))
                    .as("no password and no key anywhere")
                    .noneMatch(text -> text.contains("marked-"));
        }
        assertThat(broker.plain().readToEnd(topics.predictions().name())).hasSize(20);
        assertThat(LOG).anyMatch(line -> line.startsWith("embeds ")).noneMatch(line -> line.contains("marked-"));
    }

    private static CommandRun run(String user, String prefix, String... arguments) throws IOException {
        StringBuilder file = new StringBuilder();
        Map<String, String> client = broker.clientOf(user);
        client.forEach(
                (name, value) -> file.append(name).append('=').append(value).append('\n'));
        Path config = Files.writeString(folder.resolve(user + ".properties"), file, StandardCharsets.UTF_8);
        return CommandRun.of(Stream.concat(
                        Stream.of(arguments),
                        Stream.of(
                                "--bootstrap-server",
                                client.get("bootstrap.servers"),
                                "--prefix",
                                prefix,
                                "--command-config",
                                config.toString()))
                .toArray(String[]::new));
    }

    @Test
    void shouldRefuseWhoeverHasNoRightsOrAnotherPassword() throws Exception {
        String prefix = TestBroker.newPrefix();
        Topics topics = broker.plain().createTopics(prefix);
        broker.allow(SecuredBroker.rights(prefix));
        String posts = topics.posts().name();

        assertThatThrownBy(() -> produce(broker.clientOf("stranger"), posts, posts(0, 1)))
                .hasCauseInstanceOf(AuthorizationException.class);
        assertThatThrownBy(() -> produce(broker.clientOf("producer", "guessed"), posts, posts(0, 1)))
                .hasCauseInstanceOf(SaslAuthenticationException.class);
        assertThatThrownBy(() -> produce(
                        broker.clientOf("producer"), topics.deployments().name(), List.of("{\"version\":1}")))
                .as("who may send posts may not deploy")
                .hasCauseInstanceOf(AuthorizationException.class);
        assertThatThrownBy(() -> EmbedderService.start(
                        new EmbedderConfig(settings("stranger", prefix)), Clock.systemUTC(), registry))
                .hasMessageContaining("no topic of Sluice's may be seen");
        assertThat(broker.plain().readToEnd(posts)).isEmpty();
        assertThat(broker.plain().readToEnd(topics.deployments().name())).isEmpty();
    }

    @Test
    void shouldLeaveTheTopicsOfOthersAloneWhenAServiceMayCreateAnyButSeeOnlyItsOwn() throws Exception {
        String prefix = TestBroker.newPrefix();
        Topics topics = broker.plain().createTopics(prefix);
        broker.allow(SecuredBroker.rights(prefix));
        broker.allow(List.of(CREATES_ANY));

        try (RunningService embedder = embedder(prefix)) {
            produce(broker.clientOf("producer"), topics.posts().name(), posts(0, 1));
            assertThat(broker.plain().readAtLeast(topics.embeddedPosts(), 1)).hasSize(1);
            assertThat(embedder.ended()).isNotDone();
        } finally {
            broker.plain()
                    .admin()
                    .deleteAcls(List.of(CREATES_ANY.toFilter()))
                    .all()
                    .get();
        }
    }

    @Test
    void shouldEndWithTheMissingRightAndLoseNothingWhenAServiceLacksOne() throws Exception {
        String prefix = TestBroker.newPrefix();
        Topics topics = broker.plain().createTopics(prefix);
        List<AclBinding> rights = SecuredBroker.rights(prefix);
        broker.allow(rights);
        String embedded = topics.embeddedPosts().name();
        broker.forbid("embedder", embedded);
        produce(broker.clientOf("producer"), topics.posts().name(), posts(0, 10));

        try (RunningService embedder = embedder(prefix)) {
            assertThatThrownBy(() -> embedder.ended().get(60, TimeUnit.SECONDS))
                    .rootCause()
                    .isInstanceOf(AuthorizationException.class)
                    .hasMessageContaining(embedded);
        }
        assertThat(broker.plain().readToEnd(embedded)).isEmpty();

        broker.allow(rights);
        try (RunningService embedder = embedder(prefix)) {
            broker.plain().readAtLeast(topics.embeddedPosts(), 10);
            assertThat(embedder.ended()).isNotDone();
        }
        assertThat(broker.plain().readToEnd(embedded)).hasSize(10);
    }

    @Test
    void shouldEndWithTheMissingRightWhenWhatIsPaidForMayNotBeKept() throws Exception {
        String prefix = TestBroker.newPrefix();
        Topics topics = broker.plain().createTopics(prefix);
        broker.allow(SecuredBroker.rights(prefix));
        String cache = topics.embeddingCache().name();
        broker.forbid("embedder", cache);
        broker.allow(SecuredBroker.rights(prefix).stream()
                .filter(right ->
                        !right.pattern().name().equals(cache) || right.entry().operation() != AclOperation.WRITE)
                .toList());

        int sent = 0;
        try (GeminiServer gemini = GeminiServer.start("key", "marked-key");
                RunningService embedder = embedder(prefix, gemini(gemini))) {
            while (sent < 50 && !embedder.ended().isDone()) {
                produce(broker.clientOf("producer"), topics.posts().name(), posts(sent, ++sent));
            }
            assertThatThrownBy(() -> embedder.ended().get(60, TimeUnit.SECONDS))
                    .rootCause()
                    .isInstanceOf(AuthorizationException.class)
                    .hasMessageContaining(cache);
        }
        assertThat(LOG).anyMatch(line -> line.contains("give it Write on the topic " + cache));
    }

    /** What docs/security.md says of compression bombs, and of the setting that has the broker measure what is in them. */
    @Test
    void shouldMeasureWhatABatchUnfoldsToOnlyWhenTheTopicIsNotCompressed() throws Exception {
        Topics topics = broker.plain().createTopics(TestBroker.newPrefix());
        String posts = topics.posts().name();
        String large = " ".repeat(8 * Topics.MAX_POST_BYTES);
        Map<String, String> client = Map.of(
                "bootstrap.servers",
                broker.plain().bootstrapServers(),
                "compression.type",
                "zstd",
                "max.request.size",
                "" + 16 * Topics.MAX_POST_BYTES);

        produce(client, posts, List.of(large));
        assertThat(broker.plain().readToEnd(posts)).singleElement().satisfies(record -> assertThat(record.value())
                .hasSize(large.length()));

        var topic = new ConfigResource(ConfigResource.Type.TOPIC, posts);
        var change = new ConfigEntry(TopicConfig.COMPRESSION_TYPE_CONFIG, "uncompressed");
        broker.plain()
                .admin()
                .incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(change, AlterConfigOp.OpType.SET))))
                .all()
                .get();
        assertThatThrownBy(() -> produce(client, posts, List.of(large)))
                .hasCauseInstanceOf(RecordTooLargeException.class);
    }

    private static ServiceProcess embedderProcess(Map<String, String> settings) {
        return ServiceProcess.start(folder, EmbedderMain.class, settings);
    }

    @Test
    void shouldSayNoSecretWhenAProcessWorksAndWhenItIsRefused() throws Exception {
        String prefix = TestBroker.newPrefix();
        Topics topics = broker.plain().createTopics(prefix);
        broker.allow(SecuredBroker.rights(prefix));
        produce(broker.clientOf("producer"), topics.posts().name(), posts(0, 1));
        try (GeminiServer gemini = GeminiServer.start("key", "marked-key")) {
            gemini.failNext(1);
            Map<String, String> settings = settings("embedder", prefix, gemini(gemini));
            try (ServiceProcess working = embedderProcess(settings)) {
                working.awaitLine("embeds ");
                broker.plain().readAtLeast(topics.embeddedPosts(), 1);
                working.terminate();
                assertThat(working.log()).doesNotContain("marked-");
            }

            gemini.refuseKey();
            produce(broker.clientOf("producer"), topics.posts().name(), posts(1, 2));
            try (ServiceProcess keyless = embedderProcess(settings)) {
                assertThat(keyless.awaitExit()).as(keyless.log()).isNotZero();
                assertThat(keyless.log()).contains("gemini.api.key").doesNotContain("marked-");
            }

            settings.putAll(broker.clientOf("embedder", "marked-guess"));
            try (ServiceProcess refused = embedderProcess(settings)) {
                assertThat(refused.awaitExit()).as(refused.log()).isNotZero();
                assertThat(refused.log()).contains("uthentication").doesNotContain("marked-");
            }
        }
    }
}
