package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import io.github.resilience4j.core.exception.AcquirePermissionCancelledException;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RequestNotPermitted;
import io.github.resilience4j.retry.Retry;
import java.util.List;
import java.util.Optional;

/**
 * A model behind a rate limiter and a retry. The retry is outside: every attempt takes a permit of its own, since a
 * refused call counts at the provider too. Only {@link ProviderUnavailableException} is tried again.
 */
final class GuardedEmbeddingModel implements EmbeddingModel {
    private final EmbeddingModel model;
    private final Optional<RateLimiter> limiter;
    private final Retry retry;
    private final EmbedderMeters meters;

    GuardedEmbeddingModel(EmbeddingModel model, ProviderLimits limits, EmbedderMeters meters) {
        this.model = model;
        this.limiter = limits.rateLimit().map(config -> RateLimiter.of("provider", config));
        this.retry = Retry.of("provider", limits.retry());
        this.meters = meters;
        retry.getEventPublisher().onRetry(event -> meters.retried());
    }

    @Override
    public EmbeddingSpace space() {
        return model.space();
    }

    @Override
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        try {
            return Retry.decorateCheckedSupplier(retry, () -> call(texts)).get();
        } catch (RuntimeException | InterruptedException | Error e) {
            throw e;
        } catch (Throwable e) { // the decorator's signature; a model throws nothing else
            throw new IllegalStateException(e);
        }
    }

    private List<float[]> call(List<String> texts) throws InterruptedException {
        limiter.ifPresent(this::awaitPermit);
        if (Thread.interrupted()) { // the limiter's and the retry's waits end early, and leave the flag
            throw new InterruptedException();
        }
        meters.called();
        return model.embed(texts);
    }

    private void awaitPermit(RateLimiter permits) {
        try {
            meters.timeWait(() -> RateLimiter.waitForPermission(permits));
        } catch (RequestNotPermitted e) {
            throw new ProviderUnavailableException("no permit of the rate limiter came in time", e);
        } catch (AcquirePermissionCancelledException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
