package dev.sluice.classifier;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.TopicLimits;
import dev.sluice.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A topology of one processor, and a global one, that have a bug: they throw what they are told to. */
class LetterHandlerTest {
    @TempDir
    Path folder;

    private final DeadLetters letters = Samples.letters("classify");
    private final List<ConsumerRecord<byte[], byte[]>> globals = new ArrayList<>();
    private final List<RuntimeException> bugs = new ArrayList<>();
    private int counted;
    private TopologyTestDriver driver;

    /** Copies values; throws while there is a bug. */
    private final class Buggy extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
        @Override
        public void process(Record<byte[], byte[]> record) {
            if (!bugs.isEmpty()) {
                throw bugs.remove(0);
            }
            context().forward(record);
        }
    }

    /** As {@link Buggy}, of a global store. */
    private final class BuggyKeeper extends ContextualProcessor<byte[], byte[], Void, Void> {
        @Override
        public void process(Record<byte[], byte[]> record) {
            if (!bugs.isEmpty()) {
                throw bugs.remove(0);
            }
        }
    }

    @BeforeEach
    void start() {
        Topology topology = new Topology()
                .addSource("posts", new ByteArrayDeserializer(), new ByteArrayDeserializer(), "embedded-posts")
                .addProcessor("buggy", Buggy::new, "posts")
                .addSink("out", "predictions", new ByteArraySerializer(), new ByteArraySerializer(), "buggy")
                .addGlobalStore(
                        Stores.keyValueStoreBuilder(
                                        Stores.inMemoryKeyValueStore("models"), Serdes.String(), Serdes.String())
                                .withLoggingDisabled(),
                        "models-source",
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer(),
                        "models",
                        "keeper",
                        BuggyKeeper::new);
        Map<String, Object> settings =
                StreamsSettings.classify(new ClassifierConfig(Map.of("bootstrap.servers", "nowhere:9092")), folder);
        new StreamLetters(letters, Topics::deadLetterOf, (record, reason) -> globals.add(record), () -> counted++)
                .addTo(settings);
        Properties properties = new Properties();
        properties.putAll(settings);
        driver = new TopologyTestDriver(topology, properties);
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private void send(String topic, String value) {
        driver.createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
                .pipeInput(new TestRecord<>(
                        "k".getBytes(UTF_8), value.getBytes(UTF_8), new RecordHeaders().add("trace", new byte[] {7})));
    }

    private TestOutputTopic<byte[], byte[]> output(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** All but ClassCastException, which Kafka Streams takes for a wrong serde and gives to no handler. */
    static Stream<RuntimeException> bugs() {
        return Stream.of(
                new ArithmeticException("by zero"), new IllegalStateException("never"), new NullPointerException());
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void shouldMakeADeadLetterOfTheRecordWhenAProcessorTripsOverIt(RuntimeException bug) {
        bugs.add(bug);
        send("embedded-posts", "first");
        send("embedded-posts", "second");

        TestRecord<byte[], byte[]> letter = output("embedded-posts.dead-letter").readRecord();
        assertThat(letter.value()).isEqualTo("first".getBytes(UTF_8));
        assertThat(letter.key()).isEqualTo("k".getBytes(UTF_8));
        assertThat(letter.headers().lastHeader("trace").value()).containsExactly(7);
        assertThat(header(letter, DeadLetters.TOPIC)).isEqualTo("embedded-posts");
        assertThat(header(letter, DeadLetters.OFFSET)).isEqualTo("0");
        assertThat(header(letter, DeadLetters.SERVICE)).isEqualTo("classify");
        assertThat(header(letter, DeadLetters.EXCEPTION)).contains("Exception");
        assertThat(output("predictions").readValuesToList()).containsExactly("second".getBytes(UTF_8));
        assertThat(counted).isEqualTo(1);
    }

    static Stream<RuntimeException> environment() {
        return Stream.of(
                new ProcessorStateException("no space left on device"),
                new TimeoutException("no answer"),
                new StreamsException("wrapped", new IOException("read-only")),
                new UncheckedIOException(new IOException("read-only")));
    }

    @ParameterizedTest
    @MethodSource("environment")
    void shouldFailWhenKafkaOrTheDiskIsAtFault(RuntimeException failure) {
        bugs.add(failure);

        assertThatThrownBy(() -> send("embedded-posts", "first")).hasRootCause(rootOf(failure));
        assertThat(output("embedded-posts.dead-letter").isEmpty()).isTrue();
    }

    private static Throwable rootOf(Throwable failure) {
        return failure.getCause() == null ? failure : failure.getCause();
    }

    @Test
    void shouldTellOfTheRecordAndGoOnWhenAGlobalProcessorTripsOverIt() {
        bugs.add(new ArithmeticException("by zero"));
        send("models", "broken");
        send("models", "sound");

        assertThat(globals).hasSize(1);
        assertThat(globals.get(0).value()).isEqualTo("broken".getBytes(UTF_8));
        assertThat(globals.get(0).topic()).isEqualTo("models");
    }

    @Test
    void shouldKnowWhatTheTopicTakesWhenARecordWasTooLarge() {
        LetterHandler handler = new LetterHandler();
        handler.configure(Map.of(
                LetterHandler.SETTING,
                new StreamLetters(letters, Topics::deadLetterOf, (record, reason) -> {}, () -> {})));
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>("predictions", new byte[1000]);

        ProductionExceptionHandler.Response response = handler.handleError(null, record, new RecordTooLargeException());

        long size = TopicLimits.sizeOf(null, record.value(), record.headers());
        assertThat(response.result()).isEqualTo(ProductionExceptionHandler.Result.FAIL);
        assertThat(letters.limits().of("predictions")).isEqualTo(size - 1);
        RecordSizes sizes = new RecordSizes(letters.limits(), "prediction", "predictions");
        sizes.check(null, new byte[999], record.headers());
        assertThatThrownBy(() -> sizes.check(null, record.value(), record.headers()))
                .hasMessage("its prediction would take " + size + " bytes, its topic takes " + (size - 1)
                        + ": shorten the post, its attributes or its headers");
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }
}
