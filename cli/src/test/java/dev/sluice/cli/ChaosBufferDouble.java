package dev.sluice.cli;

import dev.sluice.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * A classifier with a planted bug: it gathers embedded posts on the heap, to answer many at once, and Kafka Streams commits
 * meanwhile that they were read. Exactly-once is on, and of no help: killed before it answers, it never will.
 */
final class ChaosBufferDouble implements Processor<byte[], byte[], byte[], byte[]> {
    static final String APPLICATION = "buffer-double";

    /** Beside commits every 100 ms. */
    private static final Duration FLUSH = Duration.ofSeconds(3);

    private final Topics topics;
    private final List<Record<byte[], byte[]>> buffer = new ArrayList<>();
    private ProcessorContext<byte[], byte[]> context;

    private ChaosBufferDouble(Topics topics) {
        this.topics = topics;
    }

    public static void main(String[] args) throws InterruptedException {
        Map<String, String> settings = ChaosBroker.read(Path.of(args[0]));
        Topics topics = new Topics(settings.get("topic.prefix"), Topics.DEFAULT_CLASSIFIER, LocalBroker.PARTITIONS);
        Properties streams = new Properties();
        streams.putAll(Map.of(
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                settings.get("bootstrap.servers"),
                StreamsConfig.APPLICATION_ID_CONFIG,
                topics.prefix() + APPLICATION,
                StreamsConfig.STATE_DIR_CONFIG,
                settings.get("state.dir"),
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                StreamsConfig.EXACTLY_ONCE_V2,
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                100,
                "session.timeout.ms",
                6000,
                "auto.offset.reset",
                "earliest",
                "producer.transaction.timeout.ms",
                5000));
        @SuppressWarnings("resource") // until it is killed
        KafkaStreams running = new KafkaStreams(topology(topics), streams);
        running.start();
        Thread.currentThread().join();
    }

    private static Topology topology(Topics topics) {
        return new Topology()
                .addSource(
                        "embedded-posts",
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer(),
                        topics.embeddedPosts().name())
                .addProcessor("gather", () -> new ChaosBufferDouble(topics), "embedded-posts")
                .addSink(
                        "predictions",
                        topics.predictions().name(),
                        new ByteArraySerializer(),
                        new ByteArraySerializer(),
                        "gather");
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> given) {
        context = given;
        context.schedule(FLUSH, PunctuationType.WALL_CLOCK_TIME, time -> flush());
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        buffer.add(record);
    }

    private void flush() {
        for (Record<byte[], byte[]> record : buffer) {
            byte[] prediction = topics.predictions()
                    .codec()
                    .encode(ChaosRecords.prediction(
                            topics.embeddedPosts().codec().decode(record.value())));
            context.forward(record.withValue(prediction));
        }
        buffer.clear();
    }
}
