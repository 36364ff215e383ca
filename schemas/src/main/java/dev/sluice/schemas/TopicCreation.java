package dev.sluice.schemas;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates the topics that are missing, and returns only when every partition's leader serves it: a producer that is
 * quicker than that can lose its first batch (KAFKA-15591). Topics that exist are left as they are. One that is hidden from
 * this principal is somebody else's: with least rights a service sees its own topics only.
 */
public final class TopicCreation {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(25);

    private TopicCreation() {}

    /**
     * @param replication of new topics
     * @return the names of the topics created
     * @throws KafkaException if the broker refuses to create a topic that this principal may see, or all are hidden, or a partition has no leader after half a minute
     */
    public static Set<String> createMissing(Admin admin, Topics topics, Replication replication)
            throws InterruptedException {
        List<NewTopic> wanted = new ArrayList<>(topics.creations(replication));
        wanted.add(topics.settledLetters(replication));
        return createMissing(admin, wanted);
    }

    /** The one topic that commands write to and services do not: for a Sluice that was set up before there was one. */
    public static void createSettledLetters(Admin admin, Topics topics) throws InterruptedException {
        Set<String> unused = createMissing(admin, List.of(topics.settledLetters(Replication.OF_BROKER)));
    }

    private static Set<String> createMissing(Admin admin, List<NewTopic> wanted) throws InterruptedException {
        try {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> missing = wanted.stream()
                    .filter(topic -> !existing.contains(topic.name()))
                    .toList();
            Set<String> hidden = new HashSet<>();
            Set<String> unlisted = new HashSet<>();
            for (var creation : admin.createTopics(missing).values().entrySet()) {
                switch (outcomeOf(creation.getValue())) {
                    case REFUSED -> hidden.add(creation.getKey());
                    case WAS_THERE -> unlisted.add(creation.getKey());
                    case CREATED -> {}
                }
            }
            hidden.addAll(invisible(admin, unlisted));
            refuseMissing(admin, hidden, wanted.size());
            awaitLeaders(
                    admin,
                    wanted.stream()
                            .map(NewTopic::name)
                            .filter(name -> !hidden.contains(name))
                            .toList());
            return missing.stream()
                    .map(NewTopic::name)
                    .filter(name -> !hidden.contains(name))
                    .collect(Collectors.toSet());
        } catch (ExecutionException e) {
            throw asKafkaException(e);
        }
    }

    private enum Outcome {
        CREATED,
        /** Somebody else was quicker, or it was not listed because it is hidden from this principal. */
        WAS_THERE,
        /** This principal may not create it. */
        REFUSED
    }

    private static Outcome outcomeOf(KafkaFuture<Void> creation) throws InterruptedException, ExecutionException {
        try {
            creation.get();
            return Outcome.CREATED;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                return Outcome.REFUSED;
            }
            if (e.getCause() instanceof TopicExistsException) {
                return Outcome.WAS_THERE;
            }
            throw e;
        }
    }

    /** Those that this principal may not see: who may create any topic need not be allowed to see all. */
    private static Set<String> invisible(Admin admin, Set<String> existing)
            throws InterruptedException, ExecutionException {
        Set<String> invisible = new HashSet<>();
        for (var found : admin.describeTopics(existing).topicNameValues().entrySet()) {
            try {
                found.getValue().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AuthorizationException) {
                    invisible.add(found.getKey());
                } else if (!(e.getCause()
                        instanceof UnknownTopicOrPartitionException)) { // not known to all brokers yet
                    throw e;
                }
            }
        }
        return invisible;
    }

    /** A topic that cannot be seen may be there; one that could be seen, but is not, is missing. */
    private static void refuseMissing(Admin admin, Set<String> refused, int wanted)
            throws InterruptedException, ExecutionException {
        if (refused.size() == wanted) {
            throw new TopicAuthorizationException(
                    "no topic of Sluice's may be seen or created with these rights: see docs/security.md", refused);
        }
        for (var found : admin.describeTopics(refused).topicNameValues().entrySet()) {
            try {
                found.getValue().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                    throw new KafkaException(
                            "the topic " + found.getKey()
                                    + " is missing, and may not be created with these rights: create it (sluice topics"
                                    + " lists all), or grant Create",
                            e.getCause());
                }
                if (!(e.getCause() instanceof AuthorizationException)) {
                    throw e;
                }
            }
        }
    }

    private static void awaitLeaders(Admin admin, List<String> names) throws InterruptedException, ExecutionException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                admin.listOffsets(latestOf(admin, names)).all().get(10, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException | TimeoutException e) {
                boolean passing = !(e instanceof ExecutionException) || e.getCause() instanceof RetriableException;
                if (!passing || System.nanoTime() > deadline) {
                    throw new KafkaException("the new topics have no leader yet: is the broker healthy?", e);
                }
                LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
            }
        }
    }

    private static Map<TopicPartition, OffsetSpec> latestOf(Admin admin, List<String> names)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        for (TopicDescription topic :
                admin.describeTopics(names).allTopicNames().get().values()) {
            topic.partitions()
                    .forEach(p -> latest.put(new TopicPartition(topic.name(), p.partition()), OffsetSpec.latest()));
        }
        return latest;
    }

    private static KafkaException asKafkaException(ExecutionException e) {
        return e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    }
}
