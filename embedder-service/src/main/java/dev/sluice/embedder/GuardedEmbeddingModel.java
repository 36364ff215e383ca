package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A model behind a quota, a circuit and an endless retry: it answers, refuses a text, or says that it is set up wrongly, but
 * it is never just busy. The retry is outside: every attempt takes a permit of its own, since a failed call counts at the
 * provider too. What the provider says about its quota holds for all calls of this instance at once. Until it has answered
 * once, it must take a plain sentence before it is believed that a text is to blame. An answer with a wrong number of vectors
 * is asked for again a few times, then for fewer texts; one text alone is to blame only if a plain sentence fares better,
 * and else the provider is away.
 */
final class GuardedEmbeddingModel implements EmbeddingModel {
    /** Nobody can object to this; a provider that does is set up wrongly, and the posts are not to blame. */
    static final List<String> HARMLESS = List.of("How long is a day on the station?");

    /** So that several embedders that were told the same do not come back together. */
    private static final double JITTER = 0.05;

    private static final long MAX_JITTER_MILLIS = 1000;

    /** So many answers to the same texts with a wrong number of vectors are no chance. */
    static final int MISCOUNTS = 3;

    private final EmbeddingModel model;
    private final Quota quota;
    private final Circuit circuit;
    private final Patience patience;
    private final Clock clock;
    private final EmbedderMeters meters;
    private final Retry retry;
    private volatile boolean hasAnswered;

    /** A last question, when all else says that a call may be made. */
    interface LastLook {
        boolean isStillNeeded() throws InterruptedException;
    }

    GuardedEmbeddingModel(EmbeddingModel model, Quota quota, Patience patience, Clock clock, EmbedderMeters meters) {
        this.model = model;
        this.quota = quota;
        this.circuit = new Circuit(patience.failures(), patience.away(), clock);
        this.patience = patience;
        this.clock = clock;
        this.meters = meters;
        IntervalFunction backoffs = patience.backoffs();
        this.retry = Retry.of(
                "provider",
                RetryConfig.<List<float[]>>custom()
                        .maxAttempts(Integer.MAX_VALUE)
                        .intervalBiFunction((attempt, outcome) -> outcome.isLeft() && saysWhen(outcome.getLeft())
                                ? 0L // the quota waits for it
                                : backoffs.apply(attempt))
                        .retryOnException(e -> e instanceof ProviderUnavailableException)
                        .build());
        retry.getEventPublisher().onRetry(event -> meters.retried(causeOf(event.getLastThrowable())));
    }

    private static boolean saysWhen(Throwable failure) {
        return failure instanceof QuotaExceededException e
                && (e.isPerDay() || e.retryDelay().isPresent());
    }

    private static String causeOf(Throwable failure) {
        return failure instanceof QuotaExceededException e
                ? e.isPerDay() ? "quota.day" : "quota.minute"
                : "unavailable";
    }

    @Override
    public EmbeddingSpace space() {
        return model.space();
    }

    /**
     * Makes one call, or several if the quota leaves no room for so many texts in one.
     *
     * @throws ProviderMisconfiguredException also if this instance's share of a quota will never do
     */
    @Override
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        List<float[]> vectors = new ArrayList<>(texts.size());
        while (vectors.size() < texts.size()) {
            vectors.addAll(call(texts.subList(vectors.size(), texts.size()), () -> true));
        }
        return vectors;
    }

    /**
     * Makes one call with the first of these texts, as many as the quota has room for.
     *
     * @param lastLook asked right before each attempt, which may be hours after this was called
     * @return vectors of the first of these texts, at least one; none if the call was not needed any more, and so not made
     * @throws ProviderMisconfiguredException as {@link #embed} does
     */
    List<float[]> call(List<String> texts, LastLook lastLook) throws InterruptedException {
        while (true) {
            Miscounts miscounts = new Miscounts(MISCOUNTS);
            try {
                List<float[]> vectors = untilAnswered(texts, lastLook, miscounts);
                if (!hasAnswered && !vectors.isEmpty()) { // none of them is of use
                    checkThatItTakesAnyText(new Miscounts(Integer.MAX_VALUE));
                }
                return vectors;
            } catch (TextRefusedException e) {
                boolean alone = texts.size() == 1;
                if (alone && (miscounts.areTooMany() || !hasAnswered)) {
                    Miscounts ofAnyText = new Miscounts(Integer.MAX_VALUE);
                    checkThatItTakesAnyText(ofAnyText);
                    if (miscounts.areTooMany() && ofAnyText.count() > 0) {
                        continue; // it was the provider, and that has passed
                    }
                }
                throw e;
            }
        }
    }

    /**
     * Else what is wrong with the settings or the provider, and not with the texts, would send every post to the dead
     * letters. Returns when a plain sentence has its vector.
     *
     * @param miscounts counts the answers before it that had a wrong number of vectors
     */
    private void checkThatItTakesAnyText(Miscounts miscounts) throws InterruptedException {
        try {
            if (untilAnswered(HARMLESS, () -> true, miscounts).get(0).length > 0) {
                return;
            }
        } catch (TextRefusedException e) {
            throw new ProviderMisconfiguredException(
                    "the provider refuses even a plain sentence: " + e.getMessage(), e);
        }
        throw new ProviderMisconfiguredException("the provider gives even a plain sentence no vector that is of use");
    }

    private List<float[]> untilAnswered(List<String> texts, LastLook lastLook, Miscounts miscounts)
            throws InterruptedException {
        try {
            return Retry.decorateCheckedSupplier(retry, () -> miscounts.watch(() -> attempt(texts, lastLook)))
                    .get();
        } catch (ProviderUnavailableException e) { // the retry gives up only if its wait was interrupted
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw e;
        } catch (RuntimeException | InterruptedException | Error e) {
            throw e;
        } catch (Throwable e) { // the decorator's signature; a model throws nothing else
            throw new IllegalStateException(e);
        }
    }

    private List<float[]> attempt(List<String> texts, LastLook lastLook) throws InterruptedException {
        while (true) {
            circuit.await();
            try (Permit permit = meters.timePermitWait(() -> quota.acquire(texts))) {
                if (!lastLook.isStillNeeded()) {
                    permit.giveBack();
                    return List.of();
                }
                if (circuit.enter()) {
                    return send(texts.subList(0, permit.texts()));
                }
                permit.giveBack(); // the provider went away while we waited
            }
        }
    }

    private List<float[]> send(List<String> texts) throws InterruptedException {
        boolean over = false;
        try {
            meters.called(texts.size(), quota.tokensOf(texts));
            List<float[]> vectors = meters.timeCall(() -> model.embed(texts));
            over = true;
            hasAnswered |= vectors.stream().anyMatch(it -> it.length > 0);
            circuit.worked();
            return vectors;
        } catch (QuotaExceededException e) {
            over = true;
            circuit.worked(); // it is there, and busy
            obey(e);
            throw e;
        } catch (ProviderUnavailableException e) {
            over = true;
            circuit.failed(e.getMessage());
            throw e;
        } catch (TextRefusedException e) {
            over = true;
            circuit.worked();
            throw e;
        } finally {
            if (!over) {
                circuit.left();
            }
        }
    }

    private void obey(QuotaExceededException e) {
        if (e.isPerDay()) {
            quota.pauseUntil(
                    PacificDay.returns(clock.instant()).plusMillis(jitter(MAX_JITTER_MILLIS)),
                    "the provider says that the day's quota is used up");
        } else {
            Duration pause = e.retryDelay().orElse(patience.backoff());
            long jitter = jitter(Math.min(MAX_JITTER_MILLIS, (long) (pause.toMillis() * JITTER)));
            quota.pauseFor(pause.plusMillis(jitter), "the provider says that the minute's quota is used up");
        }
    }

    private static long jitter(long most) {
        return ThreadLocalRandom.current().nextLong(most + 1);
    }

    /** @return what all calls wait for, and until when, if it is more than their turn; for people */
    Optional<String> waitingFor() {
        return circuit.openUntil()
                .map(until -> "the provider is away, and will be asked again at " + until)
                .or(quota::waitingFor);
    }

    @Override
    public void close() {
        model.close();
    }
}
