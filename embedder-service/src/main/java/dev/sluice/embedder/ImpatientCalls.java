package dev.sluice.embedder;

import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Calls for somebody who waits: a provider that is away, or whose minute is used up, is asked {@link #ATTEMPTS} times, at
 * growing distances or when it said; a day's quota is not waited for. The embedder's own calls go on for ever instead.
 */
final class ImpatientCalls {
    static final int ATTEMPTS = 5;

    /** A provider that asks for more is not waited for. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(90);

    private final EmbeddingModel model;
    private final Retry retry;

    ImpatientCalls(EmbeddingModel model, Patience patience) {
        this.model = model;
        IntervalFunction backoffs = patience.backoffs();
        retry = Retry.of(
                "provider",
                RetryConfig.<List<float[]>>custom()
                        .maxAttempts(ATTEMPTS)
                        .intervalBiFunction((attempt, outcome) -> waitOf(outcome.getLeft())
                                .map(Duration::toMillis)
                                .orElseGet(() -> backoffs.apply(attempt)))
                        .retryOnException(ImpatientCalls::isWorthAsking)
                        .build());
    }

    private static Optional<Duration> waitOf(Throwable failure) {
        return failure instanceof QuotaExceededException e ? e.retryDelay() : Optional.empty();
    }

    private static boolean isWorthAsking(Throwable failure) {
        if (failure instanceof QuotaExceededException e) {
            return !e.isPerDay() && e.retryDelay().orElse(Duration.ZERO).compareTo(LONGEST_WAIT) <= 0;
        }
        return failure instanceof ProviderUnavailableException;
    }

    /**
     * @param texts as many as one call takes
     * @throws IllegalArgumentException if the provider will never take one of the texts, or is set up wrongly
     * @throws IllegalStateException if it does not answer
     */
    List<float[]> embed(List<String> texts) throws InterruptedException {
        try {
            List<float[]> vectors = Retry.decorateCheckedSupplier(retry, () -> model.embed(texts))
                    .get();
            if (vectors.stream().anyMatch(it -> it.length == 0)) {
                throw new TextRefusedException("the model gave a vector that is of no use");
            }
            return vectors;
        } catch (ProviderUnavailableException e) {
            if (Thread.interrupted()) { // the retry gives up when its wait is interrupted, and says so by this alone
                throw new InterruptedException();
            }
            throw new IllegalStateException("no vectors: " + e.getMessage(), e);
        } catch (TextRefusedException | ProviderMisconfiguredException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (RuntimeException | InterruptedException | Error e) {
            throw e;
        } catch (Throwable e) { // the decorator's signature; a model throws nothing else
            throw new IllegalStateException(e);
        }
    }
}
