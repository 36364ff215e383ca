package dev.sluice.runtime;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the brokers every few seconds how a service's consumer groups are: whether anybody answers, whether this instance
 * belongs, and how far the group lies behind. A consumer cannot tell: without a broker it polls on in silence, and a partition
 * that is paused, as while a provider is away, shows the lag that it had when it was paused.
 *
 * <p>The price is one connection more and five small requests each time.
 */
public final class GroupWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GroupWatch.class);

    private static final Duration WHILE_WELL = Duration.ofSeconds(5);
    private static final Duration WHILE_NOT = Duration.ofSeconds(1);
    private static final Duration WHILE_JOINING = Duration.ofMillis(250);

    /** A look that takes longer was not answered. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration CLOSING = Duration.ofMillis(300);

    /** A rebalance is usually over sooner, and is no reason to send nobody here. */
    private static final int LOOKS_OF_A_REBALANCE = 3;

    /** It may be the client that has failed. */
    private static final int LOOKS_OF_A_CLIENT = 3;

    private final String servers;
    private final List<Group> groups;
    private final Supplier<Admin> clients;
    private Admin admin;
    private final Consumer<Throwable> onDeath;
    private final Map<String, GroupLook> looks = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "sluice-group-watch");
    private volatile Optional<String> waitingFor;
    private boolean settledOnce;
    private int unsettled;
    private int unanswered;

    /**
     * A group to be watched.
     *
     * @param topics that it reads; their lag is shown
     * @param member client id of this instance's reader, which is to belong to it; empty if somebody else sees to that
     */
    public record Group(String id, List<String> topics, Optional<String> member) {
        public Group {
            topics = List.copyOf(topics);
        }
    }

    /** @param clients makes one, whenever the last may have failed */
    GroupWatch(String servers, List<Group> groups, Supplier<Admin> clients, Consumer<Throwable> onDeath) {
        this.servers = servers;
        this.groups = List.copyOf(groups);
        this.clients = clients;
        this.onDeath = onDeath;
        admin = clients.get();
        waitingFor = groups.isEmpty()
                ? Optional.empty()
                : Optional.of("not yet in the group " + groups.get(0).id());
        thread.setDaemon(true);
    }

    /**
     * Begins to look.
     *
     * @param lag name of the gauges of the lag, tagged with group and topic
     * @param onDeath told if the watch itself dies
     */
    public static GroupWatch start(
            ServiceConfig config, List<Group> groups, MeterRegistry registry, String lag, Consumer<Throwable> onDeath) {
        Map<String, Object> settings = config.adminSettings();
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "sluice-group-watch");
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        GroupWatch watch = new GroupWatch(config.bootstrapServers(), groups, () -> Admin.create(settings), onDeath);
        for (Group group : groups) {
            for (String topic : group.topics()) {
                Gauge.builder(lag, () -> watch.lag(group.id(), topic))
                        .description("committed records that the group has not finished; NaN while no broker says")
                        .tags("group", group.id(), "topic", topic)
                        .register(registry);
            }
        }
        watch.thread.start();
        return watch;
    }

    private double lag(String group, String topic) {
        return Optional.ofNullable(looks.get(group))
                .map(look -> look.lags().get(topic))
                .map(Long::doubleValue)
                .orElse(Double.NaN);
    }

    private void run() {
        try {
            do {
                look();
            } while (!closed.await(pause().toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            LOG.debug("told to look no more", e);
        } catch (Throwable e) { // of whatever kind: without this thread nobody knows how the service is
            if (closed.getCount() > 0) {
                onDeath.accept(e);
            }
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    private Duration pause() {
        if (waitingFor.isEmpty() && unsettled == 0) {
            return WHILE_WELL;
        }
        return settledOnce ? WHILE_NOT : WHILE_JOINING;
    }

    void look() throws InterruptedException {
        try {
            Optional<String> reason = Optional.empty();
            for (Group group : groups) {
                GroupLook look = GroupLook.at(admin, group);
                looks.put(group.id(), look);
                if (!look.settled() && reason.isEmpty()) {
                    reason = Optional.of("not in the group " + group.id() + ": " + look.state());
                }
            }
            unanswered = 0;
            unsettled = reason.isEmpty() ? 0 : unsettled + 1;
            settledOnce |= reason.isEmpty();
            waitingFor = reason.filter(it -> !settledOnce || unsettled >= LOOKS_OF_A_REBALANCE);
        } catch (ExecutionException e) {
            looks.clear();
            if (++unanswered % LOOKS_OF_A_CLIENT == 0) {
                replaceClient();
            }
            boolean away = e.getCause() instanceof TimeoutException || e.getCause() instanceof DisconnectException;
            waitingFor = Optional.of(
                    away
                            ? "no broker answers at " + servers + ": "
                                    + e.getCause().getMessage()
                            : "the brokers at " + servers + " do not tell how the groups are: "
                                    + e.getCause().getMessage());
        }
    }

    /** Kafka makes no client while the brokers' names have no addresses: then the old one asks on. */
    private void replaceClient() {
        try {
            Admin next = clients.get();
            admin.close(Duration.ZERO);
            admin = next;
        } catch (KafkaException e) {
            LOG.debug("no new client to ask {} with", servers, e);
        }
    }

    /** What this instance waits for, for people; empty if the brokers answer and it is in its groups. */
    public Optional<String> waitingFor() {
        return waitingFor;
    }

    /** Takes less than half a second. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        try {
            thread.join(CLOSING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
