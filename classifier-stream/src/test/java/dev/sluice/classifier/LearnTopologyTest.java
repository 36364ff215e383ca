package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static dev.sluice.classifier.Samples.TOPICS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LearnTopologyTest {
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> posts;
    private TestOutputTopic<byte[], byte[]> vectors;

    @BeforeEach
    void start() {
        Properties settings = new Properties();
        settings.putAll(StreamsSettings.learn(new ClassifierConfig(Map.of("bootstrap.servers", "nowhere:9092"))));
        driver = new TopologyTestDriver(LearnTopology.of(TOPICS), settings, TIME);
        posts = driver.createInputTopic(
                TOPICS.embeddedPosts().name(), new ByteArraySerializer(), new ByteArraySerializer());
        vectors = driver.createOutputTopic(
                TOPICS.labeledVectors().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void stop() {
        driver.close();
    }

    private static EmbeddedPost labelled(Post.Builder post) {
        return Samples.post("p", 1, 0).setPost(post.setLabel("med").build()).build();
    }

    private static byte[] encoded(EmbeddedPost post) {
        return TOPICS.embeddedPosts().codec().encode(post);
    }

    @Test
    void shouldPassOnOnlyThePostsWhoseLabelIsKnown() {
        // given
        EmbeddedPost train = labelled(Post.newBuilder().setId("a"));
        EmbeddedPost test = labelled(Post.newBuilder().setId("b").setSplit(Split.TEST));
        Headers headers = new RecordHeaders().add("trace", new byte[] {1});

        // when
        posts.pipeInput(new TestRecord<>("k".getBytes(UTF_8), encoded(train), headers, TIME));
        posts.pipeInput("k".getBytes(UTF_8), encoded(Samples.post("c", 1, 0).build()));
        posts.pipeInput("k".getBytes(UTF_8), encoded(test));

        // then
        List<TestRecord<byte[], byte[]>> records = vectors.readRecordsToList();
        assertThat(records)
                .extracting(record -> new String(record.key(), UTF_8))
                .containsExactly("a", "b");
        assertThat(records)
                .extracting(record -> TOPICS.labeledVectors().codec().decode(record.value()))
                .containsExactly(train, test);
        assertThat(records.get(0).headers().toArray()).isEqualTo(headers.toArray());
    }

    @Test
    void shouldGiveTheExampleAnIdWhenItHasNone() {
        posts.pipeInput("k".getBytes(UTF_8), encoded(labelled(Post.newBuilder())));

        TestRecord<byte[], byte[]> record = vectors.readRecord();
        assertThat(record.key()).isEqualTo("k".getBytes(UTF_8));
        assertThat(TOPICS.labeledVectors()
                        .codec()
                        .decode(record.value())
                        .getPost()
                        .getId())
                .contains("k");
    }

    @Test
    void shouldGoOnWhenPostsCannotBeReadOrHaveNoKey() {
        // when
        posts.pipeInput("k".getBytes(UTF_8), new byte[] {1, 2});
        posts.pipeInput((byte[]) null, (byte[]) null);
        posts.pipeInput(null, encoded(labelled(Post.newBuilder())));
        posts.pipeInput(
                "k".getBytes(UTF_8),
                encoded(EmbeddedPost.newBuilder(Samples.post("p", 1, 0, 0).build())
                        .setPost(Post.newBuilder().setId("a").setLabel("med").build())
                        .build()));
        posts.pipeInput(null, encoded(labelled(Post.newBuilder().setId("good"))));

        // then
        assertThat(vectors.readKeyValuesToList())
                .extracting(record -> new String(record.key, UTF_8))
                .containsExactly("good");
    }
}
