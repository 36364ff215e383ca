package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.DeadLetters.Place;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code sluice dlq} against a real broker; the test writes the letters. */
class DlqIT {
    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    private Topics topics;
    private String posts;
    private String letters;

    @BeforeEach
    void createTopics() throws Exception {
        topics = broker.createTopics(TestBroker.newPrefix());
        posts = topics.posts().name();
        letters = Topics.deadLetterOf(posts);
    }

    private CommandRun dlq(String... arguments) {
        return CommandRun.of(Stream.concat(
                        Stream.of("dlq"),
                        Stream.concat(
                                Stream.of(arguments),
                                Stream.of(
                                        "--bootstrap-server", broker.bootstrapServers(), "--prefix", topics.prefix())))
                .toArray(String[]::new));
    }

    private void letter(String topic, int partition, long offset, String key, String value, String reason) {
        letter(topic, partition, offset, key, value, reason, new RecordHeaders());
    }

    private void letter(
            String topic, int partition, long offset, String key, String value, String reason, Headers headers) {
        broker.produce(List.of(DeadLetters.of("embedder", topics, Clock.systemUTC())
                .of(
                        new Place(topic, partition, offset),
                        key.getBytes(UTF_8),
                        value.getBytes(UTF_8),
                        headers,
                        new UnreadableRecordException(reason))));
    }

    private List<String> valuesOn(String topic) {
        return broker.readToEnd(topic).stream()
                .map(record -> record.partition() + " " + new String(record.value(), UTF_8))
                .sorted()
                .toList();
    }

    private static long sent(CommandRun run, String topic) {
        assertThat(run.err()).isEmpty();
        return run.objects().stream()
                .filter(json -> json.get("topic").asText().equals(topic))
                .mapToLong(json -> json.get("sent").asLong())
                .sum();
    }

    @Test
    void shouldListByReasonAndShowOneWhenAsked() {
        letter(posts, 1, 7, "k1", "{\"text\":", "the label has 1001 characters");
        letter(posts, 1, 8, "k2", "{\"text\":\"fine\"}", "the label has 2002 characters");
        letter(posts, 2, 9, "k3", "\u0001\u0002", "odd \u001b[31m text");

        List<JsonNode> groups = dlq("list", "--json").objects();
        assertThat(groups).hasSize(2);
        assertThat(groups.get(0).get("letters").asInt()).isEqualTo(2);
        assertThat(groups.get(0).get("reason").asText()).isEqualTo("the label has 2002 characters");
        assertThat(groups.get(0).get("newestAt").asText()).isEqualTo("0@1");
        assertThat(groups.get(0).get("service").asText()).isEqualTo("embedder");
        assertThat(dlq().out())
                .contains("odd  [31m text")
                .doesNotContain("\u001b")
                .contains(letters);
        assertThat(dlq("--topic", "labels").err()).contains("no dead letters");
        assertThat(dlq("--topic", "nothing").err()).contains("there are no dead letters of a topic nothing");

        assertThat(dlq("show", "posts", "0@1").lines())
                .contains("reason     the label has 2002 characters", "was        " + posts + " 1@8", "key        k2")
                .anyMatch(line -> line.contains("a readable Post"))
                .contains("{\"text\":\"fine\",\"contentType\":\"text/plain\",\"attributes\":{}}");
        assertThat(dlq("show", "posts", "@0").lines()).contains("value      text, 8 bytes", "{\"text\":");
        assertThat(dlq("show", letters, "2").lines()).contains("value      bytes, 2 bytes", "0102");
        JsonNode json = dlq("show", "posts", "0@0", "--json").objects().get(0);
        assertThat(json.get("sourceOffset").asInt()).isEqualTo(7);
        assertThat(json.get("value").asText()).isEqualTo("{\"text\":");
        assertThat(dlq("show", "posts", "0@3").err()).contains("there is no letter at 0@3");
        assertThat(dlq("show", "posts", "7@3").err()).contains("has no partition 7");
        assertThat(dlq("show", "posts", "x").exitCode()).isEqualTo(2);
    }

    @Test
    void shouldSendEachLetterOnceAsItWasWhenRedrivenOverAndOver() {
        letter(posts, 1, 7, "k1", "one", "bad one", new RecordHeaders().add("trace", new byte[] {7}));
        letter(posts, 3, 8, "k2", "two", "bad two");

        assertThat(sent(dlq("redrive", "--dry-run", "--json"), letters)).isEqualTo(2);
        assertThat(valuesOn(posts)).isEmpty();
        assertThat(sent(dlq("redrive", "--reason", "BAD ONE", "--json"), letters))
                .isEqualTo(1);
        assertThat(sent(dlq("redrive", "--json"), letters)).isEqualTo(1);
        CommandRun third = dlq("redrive");

        assertThat(third.lines()).containsExactly(letters + ": 0 sent again", "  2 sent again already");
        assertThat(valuesOn(posts)).containsExactly("1 one", "3 two");
        ConsumerRecord<byte[], byte[]> one = broker.readToEnd(posts).stream()
                .filter(record -> record.partition() == 1)
                .findFirst()
                .orElseThrow();
        assertThat(one.key()).isEqualTo("k1".getBytes(UTF_8));
        assertThat(Stream.of(one.headers().toArray()).map(Header::key)).containsExactly("trace", DeadLetters.REDRIVES);
        assertThat(one.headers().lastHeader(DeadLetters.REDRIVES).value()).isEqualTo("1".getBytes(UTF_8));
        assertThat(dlq("--json").objects())
                .allMatch(group -> group.get("sentAgain").asInt() == 1);
        assertThat(sent(dlq("redrive", "--again", "--json"), letters)).isEqualTo(2);
        assertThat(valuesOn(posts)).hasSize(4);
    }

    @Test
    void shouldSendEachLetterWhenTheirTopicWasDeletedAndMadeAnew() throws Exception {
        letter(posts, 0, 1, "k", "before", "odd");
        assertThat(sent(dlq("redrive", "--json"), letters)).isEqualTo(1);
        broker.admin().deleteTopics(List.of(letters)).all().get();
        broker.createTopics(topics.prefix());
        letter(posts, 0, 2, "k", "after", "odd");

        assertThat(dlq("--json").objects())
                .allMatch(group -> group.get("sentAgain").asInt() == 0);
        assertThat(sent(dlq("redrive", "--json"), letters)).isEqualTo(1);
        assertThat(sent(dlq("redrive", "--json"), letters)).isZero();
        assertThat(valuesOn(posts)).containsExactly("0 after", "0 before");
    }

    @Test
    void shouldSendTheOthersWhenALetterNamesAPartitionThatCannotBe() {
        Headers headers = new RecordHeaders()
                .add(DeadLetters.TOPIC, posts.getBytes(UTF_8))
                .add(DeadLetters.PARTITION, "4294967295".getBytes(UTF_8)); // -1 as an int
        broker.produce(List.of(new ProducerRecord<>(letters, 0, null, null, new byte[1], headers)));
        letter(posts, 0, 1, "k", "behind", "odd");

        assertThat(sent(dlq("redrive", "--json"), letters)).isEqualTo(1);
        assertThat(valuesOn(posts)).containsExactly("0 behind");
    }

    @Test
    void shouldSendOnlyWhatIsMeantWhenTopicReasonAndTimeAreGiven() {
        letter(posts, 0, 1, "k", "one", "first");
        letter(topics.embeddedPosts().name(), 0, 1, "k", "two", "second");

        assertThat(dlq("redrive", "--since", "2999-01-01").exitCode()).isEqualTo(2);
        assertThat(dlq("redrive", "--since", "2h", "--reason", "third").err()).contains("no such dead letters");
        assertThat(sent(dlq("redrive", "--topic", "embedded-posts", "--since", "1h", "--json"), letters))
                .isZero();
        assertThat(valuesOn(posts)).isEmpty();
        assertThat(valuesOn(topics.embeddedPosts().name())).containsExactly("0 two");
    }

    @Test
    void shouldLeaveWhatWouldDoHarmWhenRedriven() {
        String labels = topics.labels().name();
        letter(posts, 0, 1, "k", "loops", "again", new RecordHeaders().add(DeadLetters.REDRIVES, "3".getBytes(UTF_8)));
        letter(posts, 0, 2, "k", "last", "again", new RecordHeaders().add(DeadLetters.REDRIVES, "2".getBytes(UTF_8)));
        letter(posts, 0, 3, "k", "cut", "cut", new RecordHeaders().add("large", new byte[2_000_000]));
        letter(topics.deployments().name(), 0, 4, "default", "{}", "not signed");
        broker.produce(labels, "k".getBytes(UTF_8), "old".getBytes(UTF_8));
        broker.produce(labels, "k".getBytes(UTF_8), "new".getBytes(UTF_8));
        int partition = broker.readToEnd(labels).get(0).partition();
        letter(labels, partition, 0, "k", "old", "odd");
        letter(labels, partition, 1, "k", "new", "odd");
        // as learning says it of a post that was answered
        broker.produce(List.of(DeadLetters.of("learn", topics, Clock.systemUTC())
                .to(
                        Topics.deadLetterOf(topics.labeledVectors().name()),
                        new Place(topics.embeddedPosts().name(), 0, 5),
                        null,
                        new byte[1],
                        new RecordHeaders(),
                        new ArithmeticException("a bug"))));

        CommandRun run = dlq("redrive", "--json");

        assertThat(run.objects().stream()
                        .map(json -> json.get("topic")
                                        .asText()
                                        .substring(topics.prefix().length()) + " " + json.get("sent") + " "
                                + json.get("stay"))
                        .toList())
                .containsExactlyInAnyOrder(
                        "deployments.dead-letter 0 {\"READ_ANEW\":1}",
                        "labeled-vectors.dead-letter 0 {\"OTHER_SOURCE\":1}",
                        "labels.dead-letter 1 {\"SUCCEEDED\":1}",
                        "posts.dead-letter 1 {\"CAME_BACK\":1,\"CUT\":1}");
        assertThat(valuesOn(posts)).containsExactly("0 last");
        assertThat(valuesOn(labels))
                .endsWith(partition + " new", partition + " old")
                .hasSize(3);
        assertThat(valuesOn(topics.deployments().name())).isEmpty();
    }

    @Test
    void shouldSendNothingTwiceWhenTwoAreAtItAtOnce() {
        DeadLetters made = DeadLetters.of("embedder", topics, Clock.systemUTC());
        List<ProducerRecord<byte[], byte[]>> many = new ArrayList<>();
        IntStream.range(0, 3000)
                .forEach(i -> many.add(made.of(
                        new Place(posts, i % 4, i),
                        null,
                        ("v" + i).getBytes(UTF_8),
                        new RecordHeaders(),
                        new UnreadableRecordException("odd"))));
        broker.produce(many);

        List<CompletableFuture<CommandRun>> runs = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> dlq("redrive")))
                .toList();
        runs.forEach(CompletableFuture::join);

        assertThat(runs).anyMatch(run -> run.join().exitCode() == 0);
        assertThat(runs.stream().map(CompletableFuture::join).filter(run -> run.exitCode() != 0))
                .allMatch(run -> run.err().contains("another 'sluice dlq redrive' has taken over"));
        CommandRun last = dlq("redrive", "--json");
        assertThat(last.exitCode()).isZero();
        assertThat(valuesOn(posts)).hasSize(3000).doesNotHaveDuplicates();
    }

    @Test
    void shouldGoOnWhereItWasWhenItWasKilledInBetween() throws Exception {
        // given: what a run leaves behind that is killed within its second transaction
        IntStream.range(0, 10).forEach(i -> letter(posts, 0, i, "k", "v" + i, "odd"));
        try (Connection connection = connection()) {
            try (Redrive first = new Redrive(connection, Set.of(letters), LetterFilter.ALL, false, false)) {
                first.run(passed -> {}, () -> false);
            }
            IntStream.range(10, 20).forEach(i -> letter(posts, 0, i, "k", "v" + i, "odd"));
            var killed = connection.transactionalProducer(topics.prefix() + "sluice-dlq", 1_000_000);
            killed.initTransactions();
            killed.beginTransaction();
            killed.send(new ProducerRecord<>(posts, 0, null, "v10".getBytes(UTF_8)))
                    .get();
            killed.send(new ProducerRecord<>(
                            topics.settledLetters(), (letters + "/0").getBytes(UTF_8), "0-10".getBytes(UTF_8)))
                    .get();

            // when
            CommandRun run = dlq("redrive", "--json");
            killed.close(Duration.ZERO);

            // then
            assertThat(sent(run, letters)).isEqualTo(10);
        }
        assertThat(valuesOn(posts)).hasSize(20).doesNotHaveDuplicates();
    }

    private Connection connection() {
        return Connection.open(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new Topics(topics.prefix(), Topics.DEFAULT_CLASSIFIER, LocalBroker.PARTITIONS));
    }

    @Test
    void shouldWorkAsTheReadmeSays() throws Exception {
        letter(posts, 0, 17, "p-17", "{\"text\":\"x\"}", "written with an unknown schema of Post");

        List<String> commands = Files.readAllLines(Path.of("../README.md")).stream()
                .filter(line -> line.startsWith("./sluice dlq"))
                .map(line -> line.replaceFirst("\\s+#.*", ""))
                .toList();

        assertThat(commands).hasSizeGreaterThanOrEqualTo(4);
        for (String command : commands) {
            String[] arguments = Stream.of(command.replace("\"", "").split(" "))
                    .skip(2)
                    .collect(Collectors.toList())
                    .toArray(String[]::new);
            CommandRun run = dlq(arguments);
            assertThat(run.exitCode()).as("%s: %s", command, run.err()).isZero();
        }
        assertThat(valuesOn(posts)).hasSize(1);
    }
}
