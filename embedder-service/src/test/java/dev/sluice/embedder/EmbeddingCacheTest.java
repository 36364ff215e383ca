package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.embedder.FakeCacheTopic.Embedder;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EmbeddingCacheTest {
    private static final float[] VECTOR = {1, 2};

    private final FakeCacheTopic topic = new FakeCacheTopic();

    @Test
    void shouldFindItsOwnVectorAtOnceWhenItWasPut() throws Exception {
        try (Embedder embedder = topic.open()) {
            embedder.cache.put("text", VECTOR);

            assertThat(embedder.cache.find("text")).contains(VECTOR);
            assertThat(embedder.cache.find("another")).isEmpty();
            assertThat(embedder.count("hits")).isEqualTo(1);
            assertThat(embedder.count("misses")).isEqualTo(1);
        }
    }

    @Test
    void shouldFindWhatAnotherWasPaidForWhenItWasAcknowledgedBeforeCatchingUp() throws Exception {
        try (Embedder one = topic.open();
                Embedder other = topic.open()) {
            one.cache.put("text", VECTOR);
            one.acknowledge();

            other.cache.catchUp();

            assertThat(other.cache.find("text")).contains(VECTOR);
        }
    }

    @Test
    void shouldFindWhatWasAcknowledgedWhenTheEmbedderStartsAnew() throws Exception {
        try (Embedder killed = topic.open()) {
            killed.cache.put("text", VECTOR);
            killed.acknowledge();
            killed.cache.put("not acknowledged", VECTOR);
        }

        try (Embedder next = topic.open()) {
            next.cache.catchUp();

            assertThat(next.cache.find("text")).contains(VECTOR);
            assertThat(next.cache.find("not acknowledged")).isEmpty();
            assertThat(next.count("paid.twice")).isZero();
        }
    }

    @Test
    void shouldFindEachTextWhenSeveralThreadsCatchUpAtOnce() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(8);
        try (Embedder embedder = topic.open()) {
            List<Future<Boolean>> found = IntStream.range(0, 200)
                    .mapToObj(i -> callers.submit(() -> {
                        topic.append("text " + i, 1, i);
                        embedder.cache.catchUp();
                        return embedder.cache.find("text " + i).isPresent();
                    }))
                    .toList();

            for (Future<Boolean> each : found) {
                assertThat(each.get()).isTrue();
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void shouldAskAgainAndOnlyThenReturnWhenKafkaIsAway() throws Exception {
        try (Embedder embedder = topic.open()) {
            topic.append("text", VECTOR);
            topic.failures.add(new TimeoutException("no broker"));
            topic.failures.add(new TimeoutException("no broker"));

            embedder.cache.catchUp();

            assertThat(topic.failures).isEmpty();
            assertThat(embedder.cache.find("text")).isPresent();
        }
    }

    @Test
    void shouldEndWaitingWhenItIsInterruptedBeforeTheRecordsCame() throws Exception {
        ExecutorService caller = Executors.newSingleThreadExecutor();
        try (Embedder embedder = topic.open()) {
            topic.reachesFurther = true;
            CountDownLatch begun = new CountDownLatch(1);
            Future<Throwable> outcome = caller.submit(() -> {
                begun.countDown();
                return catchThrowable(embedder.cache::catchUp);
            });

            begun.await();
            caller.shutdownNow();

            assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        }
    }

    @Test
    void shouldSayThatTheCacheIsGoneWhenItCannotBeReadAnyMore() throws Exception {
        try (Embedder embedder = topic.open()) {
            embedder.consumer.setPollException(new KafkaException("not allowed to read"));
            topic.append("text", VECTOR);

            assertThatThrownBy(embedder.cache::catchUp)
                    .isInstanceOf(KafkaException.class)
                    .hasRootCauseMessage("not allowed to read");
        }
    }

    @Test
    void shouldLeaveOutAndCountWhatIsBrokenWhenSoundRecordsFollow() throws Exception {
        topic.appendRecord(topic.records.keyOf("text"), new byte[] {1, 2, 3});
        topic.appendRecord(topic.records.keyOf("text"), new byte[0]);
        topic.appendRecord("no hash", topic.records.valueOf(VECTOR, Instant.EPOCH));
        topic.appendRecord(null, topic.records.valueOf(VECTOR, Instant.EPOCH));
        topic.append("three numbers", 1, 2, 3);
        topic.append("not a number", 1, Float.NaN);
        topic.append("zero", 0, 0);
        topic.appendRecord(topic.records.keyOf("withdrawn"), null);
        topic.append("sound", VECTOR);

        try (Embedder embedder = topic.open()) {
            embedder.cache.catchUp();

            assertThat(embedder.cache.find("sound")).contains(VECTOR);
            assertThat(embedder.store.size()).isEqualTo(1);
            assertThat(embedder.count("unreadable")).isEqualTo(7);
        }
    }

    @Test
    void shouldLeaveOutWhatIsOfAnotherSpaceWhenItHasTheSameLength() throws Exception {
        EmbeddingSpace other = EmbeddingSpace.newBuilder(FakeEmbeddingModel.SPACE)
                .setModel("other")
                .build();
        CacheRecords theirs =
                new CacheRecords(Topics.ofDefaults().embeddingCache().codec(), other);
        topic.appendRecord(theirs.keyOf("text"), theirs.valueOf(VECTOR, Instant.EPOCH));
        topic.appendRecord(topic.records.keyOf("text"), theirs.valueOf(VECTOR, Instant.EPOCH));

        try (Embedder embedder = topic.open()) {
            embedder.cache.catchUp();

            assertThat(embedder.cache.find("text")).isEmpty();
            assertThat(embedder.store.size()).isZero();
            assertThat(embedder.count("unreadable")).isZero();
        }
    }

    @Test
    void shouldKeepTheNewestOnlyWhenTheTopicHoldsMoreThanTheBound() throws Exception {
        IntStream.range(0, 10).forEach(i -> topic.append("text " + i, 1, i));

        try (Embedder embedder = topic.open(3 * EmbeddingStore.bytesOf(2))) {
            embedder.cache.catchUp();

            assertThat(IntStream.range(0, 10)
                            .filter(i -> embedder.cache.find("text " + i).isPresent()))
                    .containsExactly(7, 8, 9);
            assertThat(embedder.registry
                            .get("sluice.embedder.cache.texts")
                            .gauge()
                            .value())
                    .isEqualTo(3);
            assertThat(embedder.registry
                            .get("sluice.embedder.cache.bytes")
                            .gauge()
                            .value())
                    .isEqualTo(3.0 * EmbeddingStore.bytesOf(2));
        }
    }

    @Test
    void shouldBeCountedByTheSecondWhenTwoPaidForATextAtTheSameTime() throws Exception {
        try (Embedder first = topic.open();
                Embedder second = topic.open()) {
            first.cache.put("text", VECTOR);
            second.cache.put("text", VECTOR);
            first.acknowledge();
            second.acknowledge();

            first.cache.catchUp();
            second.cache.catchUp();

            assertThat(first.count("paid.twice")).isZero();
            assertThat(second.count("paid.twice")).isEqualTo(1);
        }
    }

    @Test
    void shouldBeCountedAndNotSentWhenAnothersVectorCameDuringTheCall() throws Exception {
        try (Embedder slow = topic.open()) {
            topic.append("text", VECTOR);
            slow.cache.catchUp();

            slow.cache.put("text", VECTOR);

            assertThat(slow.count("paid.twice")).isEqualTo(1);
            assertThat(slow.producer.history()).isEmpty();
        }
    }

    @Test
    void shouldKeepTheVectorAtHandAndCountWhenKafkaDoesNotTakeIt() throws Exception {
        try (Embedder embedder = topic.open()) {
            embedder.cache.put("text", VECTOR);

            embedder.producer.errorNext(new TimeoutException("no broker"));

            assertThat(embedder.count("unsaved")).isEqualTo(1);
            assertThat(embedder.cache.find("text")).isPresent();
        }
    }

    @Test
    void shouldLetNobodyPayAnyMoreWhenTheTopicMayNotBeWritten() throws Exception {
        try (Embedder embedder = topic.open()) {
            embedder.cache.put("text", VECTOR);

            embedder.producer.errorNext(new TopicAuthorizationException(Set.of(FakeCacheTopic.NAME)));

            assertThat(embedder.count("unsaved")).isEqualTo(1);
            assertThatThrownBy(embedder.cache::catchUp)
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContaining(FakeCacheTopic.NAME)
                    .hasCauseInstanceOf(TopicAuthorizationException.class);
        }
    }

    @Test
    void shouldCloseItsClientsWhenClosed() throws Exception {
        Embedder embedder = topic.open();

        embedder.close();

        assertThat(embedder.producer.closed()).isTrue();
        assertThat(embedder.consumer.closed()).isTrue();
    }
}
