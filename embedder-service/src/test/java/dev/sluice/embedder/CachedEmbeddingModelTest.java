package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.embedder.FakeCacheTopic.Embedder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class CachedEmbeddingModelTest {
    private final FakeCacheTopic topic = new FakeCacheTopic();
    private final FakeEmbeddingModel paid = new FakeEmbeddingModel();
    private final VirtualTime time = new VirtualTime(Instant.parse("2026-11-22T20:00:00Z"));
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final EmbedderMeters meters = new EmbedderMeters(registry);
    private final Quota quota = new Quota(
            new QuotaLimits(0, 0, 90, true, Duration.ofMinutes(1), 4), 100, time.clock(), time::nanos, meters);
    private Embedder embedder;
    private CachedEmbeddingModel model;

    @BeforeEach
    void open() throws InterruptedException {
        embedder = topic.open();
        quota.take(0, 1, "");
        quota.setNoted();
        Patience patience = new Patience(Duration.ofMillis(1), Duration.ofMillis(1), 1000, Duration.ofSeconds(32));
        model = new CachedEmbeddingModel(
                new GuardedEmbeddingModel(paid, quota, patience, time.clock(), meters), embedder.cache);
    }

    private long charged() {
        return Math.round(
                90 * registry.get("sluice.embedder.quota.used").gauge().value());
    }

    @AfterEach
    void close() {
        embedder.close();
    }

    @Test
    void shouldAskForEachTextOnceWhenACallHoldsDuplicates() throws Exception {
        List<float[]> vectors = model.embed(List.of("aa", "b", "aa", "b", "aa"));

        assertThat(paid.calls).containsExactly(List.of("aa", "b"));
        assertThat(vectors).extracting(vector -> vector[0]).containsExactly(2f, 1f, 2f, 1f, 2f);
    }

    @Test
    void shouldAskForNothingWhenAllTextsWerePaidFor() throws Exception {
        model.embed(List.of("aa", "b"));

        List<float[]> vectors = model.embed(List.of("b", "aa"));

        assertThat(paid.calls).hasSize(1);
        assertThat(vectors).extracting(vector -> vector[0]).containsExactly(1f, 2f);
    }

    @Test
    void shouldNotKeepAVectorWhenItIsOfNoUse() throws Exception {
        assertThat(model.embed(List.of("spoil me", "b")))
                .extracting(it -> it.length)
                .containsExactly(0, 2);

        model.embed(List.of("spoil me", "b"));

        assertThat(paid.calls).containsExactly(List.of("spoil me", "b"), List.of("spoil me"));
    }

    @Test
    void shouldChargeNothingWhenTheCacheKnowsAll() throws Exception {
        topic.append("aa", 7, 7);

        assertThat(model.embed(List.of("aa"))).hasSize(1);

        assertThat(charged()).isZero();
        assertThat(registry.get("sluice.embedder.calls").counter().count()).isZero();
        assertThat(registry.get("sluice.embedder.permit.wait").timer().count()).isZero();
    }

    @Test
    void shouldAnswerWhatTheCacheKnowsWhenTheDaysQuotaIsUsedUp() throws Exception {
        assertThat(quota.ask(Collections.nCopies(90, "text")).permit()).isPresent();
        topic.append("aa", 7, 7);

        assertThat(model.embed(List.of("aa"))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "1, 2", "2, 1", "3, 0"})
    void shouldPayOnlyForTheRestWhenOthersPaidWhileItWaited(int known, int payments) throws Exception {
        List<String> texts = List.of("a", "bb", "ccc");
        Permit all = quota.ask(Collections.nCopies(90, "text")).permit().orElseThrow();
        AtomicReference<Object> outcome = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                outcome.set(model.embed(texts));
            } catch (InterruptedException | RuntimeException e) {
                outcome.set(e);
            }
        });
        caller.start();
        while (registry.get("sluice.embedder.quota.returns.seconds").gauge().value() == 0) {
            Thread.onSpinWait(); // until it has asked for a permit
        }

        texts.subList(0, known).forEach(text -> topic.append(text, 7, 7));
        all.giveBack();

        caller.join(10_000);
        assertThat(outcome.get()).isInstanceOf(List.class);
        assertThat(paid.calls).isEqualTo(payments == 0 ? List.of() : List.of(texts.subList(known, 3)));
        assertThat(charged()).isEqualTo(payments);
    }

    @Test
    void shouldAskTheProviderItselfWhenTheCacheKnowsThePlainSentenceToo() throws Exception {
        topic.append(GuardedEmbeddingModel.HARMLESS.get(0), 7, 7);
        topic.append("aa", 7, 7);
        paid.refusesAll = true;

        assertThat(model.embed(List.of("aa"))).hasSize(1);

        assertThatThrownBy(() -> model.embed(List.of("b"))).isInstanceOf(ProviderMisconfiguredException.class);
    }

    @Test
    void shouldAskOnlyForTheRestWhenAnotherEmbedderHasPaidForSome() throws Exception {
        topic.append("aa", 7, 7);

        List<float[]> vectors = model.embed(List.of("b", "aa", "ccc"));

        assertThat(paid.calls).containsExactly(List.of("b", "ccc"));
        assertThat(vectors).extracting(vector -> vector[0]).containsExactly(1f, 7f, 3f);
    }

    @Test
    void shouldSendWhatWasPaidForWhenAnswersCome() throws Exception {
        model.embed(List.of("aa", "b"));
        embedder.acknowledge();

        try (Embedder other = topic.open()) {
            other.cache.catchUp();

            assertThat(other.cache.find("aa")).contains(new float[] {2, 1});
            assertThat(other.cache.find("b")).contains(new float[] {1, 1});
        }
    }

    @Test
    void shouldKeepNothingWhenTheCallFails() throws Exception {
        paid.failures.add(new IllegalStateException("bug"));

        assertThatThrownBy(() -> model.embed(List.of("aa"))).isInstanceOf(IllegalStateException.class);

        assertThat(embedder.producer.history()).isEmpty();
        assertThat(model.embed(List.of("aa"))).hasSize(1);
        assertThat(paid.calls).hasSize(2);
    }

    @Test
    void shouldPayForNothingWhenItIsInterruptedWhileKafkaIsAway() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> model.embed(List.of("aa"))).isInstanceOf(InterruptedException.class);

        assertThat(paid.calls).isEmpty();
    }

    @Test
    void shouldTellTheModelsSpaceAndCloseBothWhenAsked() {
        assertThat(model.space()).isEqualTo(FakeEmbeddingModel.SPACE);

        model.close();

        assertThat(paid.closed).isTrue();
        assertThat(embedder.producer.closed()).isTrue();
    }
}
