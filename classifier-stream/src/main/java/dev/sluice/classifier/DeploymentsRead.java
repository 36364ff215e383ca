package dev.sluice.classifier;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.Trust;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * The log of deployments, folded as far as its store goes. Each look takes in what has come since the last one. It is a
 * view of the store and no state of its own: a new one comes to the same.
 */
final class DeploymentsRead {
    private final ReadOnlyKeyValueStore<Long, Deployment> events;
    private final Deployments deployments;
    private long next;

    DeploymentsRead(String classifier, Trust trust, ReadOnlyKeyValueStore<Long, Deployment> events) {
        this.events = events;
        this.deployments = new Deployments(classifier, trust);
    }

    Deployments now() {
        try (var newcomers = events.range(next, Long.MAX_VALUE)) {
            newcomers.forEachRemaining(event -> {
                deployments.add(event.key, event.value);
                next = event.key + 1;
            });
        }
        return deployments;
    }
}
