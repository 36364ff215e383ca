package dev.sluice.classifier;

import dev.sluice.runtime.ServiceMeters;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * One topology, run by Kafka Streams. It leaves its group when it is closed, or else the next start waits for the group to
 * notice: 44 s were measured, and as long for the closing itself.
 */
final class StreamApplication implements AutoCloseable {
    private static final Duration CLOSING = Duration.ofSeconds(3);

    private final Topology topology;
    private final Properties settings = new Properties();
    private volatile Optional<KafkaStreams> streams = Optional.empty();
    private volatile boolean stopped;

    StreamApplication(Topology topology, Map<String, Object> settings) {
        this.topology = topology;
        this.settings.putAll(settings);
    }

    /**
     * Returns when the global stores are restored.
     *
     * @throws StreamsException if the state kept from an earlier run cannot be used
     * @throws KafkaException if its folder cannot be used at all
     */
    void start(StreamFailures failures, StateRestoreListener restoring) {
        KafkaStreams starting = create(failures);
        starting.setGlobalStateRestoreListener(restoring);
        starting.start();
    }

    /** As {@link #start(StreamFailures, StateRestoreListener)}, with nobody to be told what is restored. */
    void start(StreamFailures failures) {
        create(failures).start();
    }

    private KafkaStreams create(StreamFailures failures) {
        KafkaStreams created = create();
        streams = Optional.of(created);
        created.setUncaughtExceptionHandler(failures);
        created.setStateListener(failures);
        return created;
    }

    private KafkaStreams create() {
        try {
            return new KafkaStreams(topology, settings);
        } catch (StreamsException e) {
            throw new KafkaException(
                    "the state folder " + settings.get(StreamsConfig.STATE_DIR_CONFIG) + " cannot be used: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Kafka's own figures, of this application and of its clients. To be called when it was started. */
    void bindTo(ServiceMeters meters) {
        streams.ifPresent(running -> meters.bind(
                name(),
                refreshing -> new KafkaStreamsMetrics(running, Tags.empty(), refreshing, ServiceMeters.REFRESH)));
    }

    /** What it waits for, for people; empty if it works. */
    Optional<String> waitingFor() {
        KafkaStreams.State state = streams.map(KafkaStreams::state).orElse(KafkaStreams.State.CREATED);
        return switch (state) {
            case RUNNING -> Optional.empty();
            case CREATED, REBALANCING ->
                Optional.of(name() + " restores its stores, or its group shares out the partitions anew");
            default -> Optional.of(name() + " stops");
        };
    }

    private String name() {
        return (String) settings.get(StreamsConfig.APPLICATION_ID_CONFIG);
    }

    @Override
    public void close() {
        stopped = streams.map(running ->
                        running.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP)
                                .withTimeout(CLOSING)))
                .orElse(true);
    }

    /** Whether all its threads had ended when it was closed. */
    boolean stopped() {
        return stopped;
    }
}
