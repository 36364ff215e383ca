package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.SigningKey;
import dev.sluice.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A classifier that trusts keys, people with and without them, and keys that take another's place. */
@SuppressWarnings("try") // the service works while it is open; nothing is asked of it
class SigningIT {
    private static final HandMadeModels MODELS = new HandMadeModels(8, 8, 3);

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private String prefix;
    private Topics topics;
    private Path ours;
    private Path theirs;

    @BeforeEach
    void makeKeysAndTopics() throws InterruptedException {
        prefix = TestBroker.newPrefix();
        topics = broker.createTopics(prefix);
        ours = newKey("ours");
        theirs = newKey("theirs");
    }

    private Path newKey(String name) {
        Path file = folder.resolve(name);
        assertThat(CommandRun.of("keys", "new", file.toString()).exitCode()).isZero();
        return file;
    }

    private ClassifierService start(Path... trusted) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", folder.resolve("state").toString());
        settings.put("instance", "one");
        settings.put(
                "models.trusted.keys",
                String.join(",", Stream.of(trusted).map(file -> file + ".pub").toList()));
        return ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
    }

    private void publish(int version, Optional<Path> key) {
        ModelVersion made = MODELS.version(version);
        broker.produce(
                topics.models(),
                ModelVersions.keyOf("default", version),
                key.map(file -> SigningKey.of(file).sign(made)).orElse(made));
    }

    private CommandRun run(String... arguments) {
        return CommandRun.of(Stream.concat(
                        Stream.of(arguments),
                        Stream.of("--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix))
                .toArray(String[]::new));
    }

    /** What a person has who signs, and looks at what counts. */
    private Path keys(Path key) throws IOException {
        return Files.writeString(
                folder.resolve("command.properties"),
                "models.signing.key=" + key + "\nmodels.trusted.keys=" + key + ".pub\n");
    }

    private String serving() {
        return run("status", "--json").objects().toString();
    }

    @Test
    void shouldServeOnlyWhatATrustedKeySignedWhenOthersMayWriteToTheTopics() throws IOException {
        publish(1, Optional.of(ours));
        publish(2, Optional.empty());
        publish(3, Optional.of(theirs));
        publish(4, Optional.of(ours));
        try (ClassifierService service = start(ours)) {
            // what is signed is served
            CommandRun signed = run("deploy", "1", "--signing-key", ours.toString());
            assertThat(signed.exitCode()).as(signed.err()).isZero();

            // versions: unsigned, or with a key that nobody trusts
            CommandRun unsigned = run("deploy", "2", "--signing-key", ours.toString());
            assertThat(unsigned.err()).contains("version 2 was refused", "not signed", "version 1 goes on answering");
            CommandRun foreign = run("deploy", "3", "--signing-key", ours.toString());
            assertThat(foreign.err()).contains("version 3 was refused", "key that is not trusted");

            // events: unsigned, or with such a key
            assertThat(run("deploy", "4", "--shadow").err()).contains("version 4 was refused");
            CommandRun event = run("deploy", "4"); // this command knows no keys, and so takes its own word for it
            assertThat(event.exitCode()).isNotZero();
            assertThat(event.err())
                    .contains("version 4 was refused", "the deployment is not signed", "version 1 goes on answering");

            // the first event once more, as anybody can write it who has read it
            broker.produce(topics.deployments().name(), new byte[0], firstEvent());
            CommandRun next = run("deploy", "4", "--command-config", keys(ours).toString());
            assertThat(next.exitCode()).as(next.err()).isZero();
            broker.produce(topics.deployments().name(), new byte[0], firstEvent());
            assertThat(run("history", "--command-config", keys(ours).toString()).out())
                    .containsPattern("deploy 1 +4 .*lost: the deployment is a c");
        }

        // and the same from the copy on disk, where no record arrives
        try (ClassifierService service = start(ours)) {
            CommandRun back = run("deploy", "4", "--command-config", keys(ours).toString());
            assertThat(back.exitCode()).as(back.err()).isZero();
        }
        try (ClassifierService service = start(theirs)) {
            assertThat(run("deploy", "3", "--command-config", keys(theirs).toString())
                            .out())
                    .contains("version 3 is live");
        }
    }

    private byte[] firstEvent() {
        return broker.readToEnd(topics.deployments().name()).get(0).value();
    }

    @Test
    void shouldTakeAKeyInPlaceOfAnotherWithoutAGapWhenBothAreTrustedMeanwhile() {
        publish(1, Optional.of(ours));
        publish(2, Optional.of(theirs));
        try (ClassifierService service = start(ours)) {
            run("deploy", "1", "--signing-key", ours.toString());
        }
        try (ClassifierService service = start(ours, theirs)) {
            assertThat(serving()).contains("\"servingVersion\":1");
            assertThat(run("deploy", "2", "--signing-key", theirs.toString()).out())
                    .contains("version 2 is live");
        }
        try (ClassifierService service = start(theirs)) {
            assertThat(serving()).contains("\"servingVersion\":2");
        }
    }

    @Test
    void shouldSignWhatIsImportedAndSayWhatCountsWhenTheCommandHasKeys() throws IOException {
        publish(1, Optional.of(ours));
        Path config = keys(ours);
        Path trusting =
                Files.writeString(folder.resolve("trusting.properties"), "models.trusted.keys=" + ours + ".pub\n");
        Path file = folder.resolve("version.safetensors");
        try (ClassifierService service = start(ours)) {
            assertThat(run("models", "export", "1", "--to", file.toString()).exitCode())
                    .isZero();
            assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .doesNotContain("\"signature\"");

            CommandRun imported =
                    run("models", "import", file.toString(), "--deploy", "--command-config", config.toString());
            assertThat(imported.out()).as(imported.err()).contains("version 2 is published, and live");

            broker.produce(
                    topics.deployments(),
                    "default",
                    Deployment.newBuilder().setVersion(1).build());
            assertThat(run("history", "--command-config", trusting.toString()).out())
                    .contains("lost: the deployment is not s");
            assertThat(run("pin", "--command-config", trusting.toString()).err())
                    .contains("nothing is written", "--signing-key");
            assertThat(run("pin", "--command-config", config.toString()).out()).contains("version 2 is pinned");
            assertThat(run("unpin", "--command-config", config.toString(), "--signing-key", theirs.toString())
                            .err())
                    .contains("not among the trusted ones");
        }
    }

    @Test
    void shouldKeepThePrivateKeyToItsOwnerWhenAPairIsMade() throws IOException {
        CommandRun again = CommandRun.of("keys", "new", ours.toString());

        assertThat(again.err()).contains("is there already");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(ours)))
                .isEqualTo("rw-------");
        assertThat(CommandRun.of("keys", "new", folder.resolve("third").toString(), "--json")
                        .objects()
                        .get(0)
                        .get("id")
                        .asText())
                .hasSize(16);
    }
}
