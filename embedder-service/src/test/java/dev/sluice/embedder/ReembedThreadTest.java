package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Vectors;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReembedThreadTest {
    private static final Topics TOPICS = Topics.ofDefaults();
    private static final TopicPartition P0 = new TopicPartition("labeled-vectors", 0);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answer = new CountDownLatch(1);
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private volatile Thread poller;

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            poller = Thread.currentThread();
            return super.poll(timeout);
        }
    };

    /** Answers when the test says so. */
    private final EmbeddingModel slow = new EmbeddingModel() {
        private final FakeEmbeddingModel model = new FakeEmbeddingModel();

        @Override
        public EmbeddingSpace space() {
            return model.space();
        }

        @Override
        public List<float[]> embed(List<String> texts) throws InterruptedException {
            asked.countDown();
            answer.await();
            return model.embed(texts);
        }

        @Override
        public void close() {
            model.close();
        }
    };

    private ReembedThread thread(Duration lastCall) {
        consumer.schedulePollTask(() -> {
            consumer.updateBeginningOffsets(Map.of(P0, 0L));
            consumer.rebalance(List.of(P0));
            consumer.addRecord(new ConsumerRecord<>(
                    P0.topic(),
                    P0.partition(),
                    0,
                    "p".getBytes(UTF_8),
                    TOPICS.labeledVectors().codec().encode(post())));
        });
        return new ReembedThread(
                caller -> new Reembedder(
                        consumer,
                        () -> producer,
                        new ReembeddedTexts(List.of(TOPICS), slow, slow, List::size, Clock.systemUTC()),
                        caller,
                        new EmbedderMeters(new SimpleMeterRegistry())),
                lastCall);
    }

    private static EmbeddedPost post() {
        return EmbeddedPost.newBuilder()
                .setPost(Post.newBuilder().setId("p").setLabel("a").build())
                .setSource(new Source("posts", 0, 0L))
                .setText("text")
                .setEmbedding(Vectors.toBytes(new float[] {1, 1}))
                .setSpace(ReembeddedTextsTest.space("old"))
                .setEmbeddedAt(Instant.EPOCH)
                .build();
    }

    @Test
    @Timeout(60)
    void shouldCommitTheAnswerOfACallThatIsOutWhenItEnds() throws Exception {
        ReembedThread thread = thread(Duration.ofMinutes(1));
        thread.start();
        asked.await();

        thread.stop();
        while (poller.getState() != Thread.State.TIMED_WAITING && poller.isAlive()) { // for the call
            Thread.onSpinWait();
        }
        answer.countDown();
        thread.close();

        assertThat(producer.history()).hasSize(1);
        assertThat(producer.transactionCommitted()).isTrue();
        assertThat(producer.closed()).isTrue();
        assertThatCode(thread::check).doesNotThrowAnyException();
    }

    @Test
    @Timeout(60)
    void shouldGiveUpACallThatIsOutWhenItTakesTooLong() throws Exception {
        ReembedThread thread = thread(Duration.ZERO);
        thread.start();
        asked.await();

        thread.close();

        poller.join(TimeUnit.SECONDS.toMillis(30));
        assertThat(poller.isAlive()).isFalse();
        assertThat(producer.history()).isEmpty();
        assertThat(consumer.closed()).isTrue();
        assertThatCode(thread::check).doesNotThrowAnyException();
    }
}
