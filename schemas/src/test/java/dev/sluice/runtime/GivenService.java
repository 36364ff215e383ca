package dev.sluice.runtime;

import java.util.concurrent.CompletableFuture;

/** A service that is what the test says. */
final class GivenService implements RunningService {
    final CompletableFuture<Void> ended = new CompletableFuture<>();
    volatile String waitsFor = "";

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    @Override
    public Health health() {
        return waitsFor.isEmpty() ? RunningService.super.health() : Health.waiting(waitsFor);
    }

    @Override
    public void close() {
        ended.complete(null);
    }
}
