package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpaces;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The way to the present model and, while another is to take its place, to that one. If the next space is the present one, as
 * where the old model is gone already, only texts of old go there once more. Closed unless it is kept, so that nothing stays
 * open when a start fails.
 */
final class Routes implements AutoCloseable {
    private final EmbeddingRoute present;
    private final Optional<EmbeddingRoute> next;
    private final EmbeddingRoute ofPosts;
    private boolean kept;

    private Routes(EmbeddingRoute present, Optional<EmbeddingRoute> next, EmbeddingRoute ofPosts) {
        this.present = present;
        this.next = next;
        this.ofPosts = ofPosts;
    }

    /** @param quota charged for every text at each model that is paid for; with two models a local one is not charged */
    static Routes open(EmbedderConfig config, Quota quota, Clock clock, EmbedderMeters meters, MeterRegistry registry) {
        Optional<EmbedderConfig> ofNext = config.next();
        EmbeddingRoute present = OneSpaceRoute.open(
                config, ofNext.isPresent() ? quotaOf(config, quota, clock) : quota, clock, meters, registry);
        if (ofNext.isEmpty()) {
            return new Routes(present, Optional.empty(), present);
        }
        try {
            EmbeddingRoute next =
                    OneSpaceRoute.open(ofNext.get(), quotaOf(ofNext.get(), quota, clock), clock, meters, registry);
            if (EmbeddingSpaces.same(next.space(), present.space())) {
                next.close();
                return new Routes(present, Optional.of(present), present);
            }
            return new Routes(present, Optional.of(next), new TwoSpaceRoute(present, next, quota::fitting, meters));
        } catch (RuntimeException e) {
            present.close();
            throw e;
        }
    }

    private static Quota quotaOf(EmbedderConfig config, Quota shared, Clock clock) {
        return config.isLocal()
                ? new Quota(
                        new QuotaLimits(0, 0, 0, true, Duration.ofMinutes(1), 1),
                        config.maxTokens(),
                        clock,
                        new EmbedderMeters(new SimpleMeterRegistry())) // the shared one's gauges are the ones to see
                : shared;
    }

    EmbeddingRoute present() {
        return present;
    }

    /** To the next space alone. */
    Optional<EmbeddingRoute> next() {
        return next;
    }

    /** To every space that posts are embedded in; closes them all. */
    EmbeddingRoute ofPosts() {
        return ofPosts;
    }

    String names() {
        return ofPosts.spaces().stream().map(EmbeddingSpaces::idOf).collect(Collectors.joining(" and "));
    }

    /** From now on somebody else closes {@link #ofPosts}. */
    void keep() {
        kept = true;
    }

    @Override
    public void close() {
        if (!kept) {
            ofPosts.close();
        }
    }
}
