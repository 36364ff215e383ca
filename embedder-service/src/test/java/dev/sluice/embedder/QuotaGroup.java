package dev.sluice.embedder;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Embedders that share a quota, each with a backlog, in virtual time: every instance keeps some calls in flight, the
 * provider counts each at a random moment between sending and answer, and notes travel as offset metadata does.
 */
final class QuotaGroup {
    private static final int CALLS_IN_FLIGHT = 8;

    /** One embedder. */
    final class Member {
        final Quota quota;
        final Set<Integer> owned = new TreeSet<>();
        boolean running = true;
        private int idle = CALLS_IN_FLIGHT;
        private long wakes;

        private Member(Duration clockError) {
            quota = new Quota(
                    limits, 2048, time.clock(clockError), time::nanos, new EmbedderMeters(new SimpleMeterRegistry()));
        }

        void take(int partition) {
            quota.take(partition, partitions, notes.getOrDefault(partition, ""));
            owned.add(partition);
            commit();
            work();
        }

        /** A clean hand-over's first half. */
        void give(int partition) {
            notes.put(partition, quota.give(partition));
            owned.remove(partition);
        }

        void drop(int partition) {
            quota.drop(partition);
            owned.remove(partition);
        }

        /** As every transaction does. */
        void commit() {
            owned.forEach(partition -> notes.put(partition, quota.note(partition)));
            quota.setNoted();
        }

        /** Sends whatever may be sent, and comes again when it was told to. */
        void work() {
            while (running && idle > 0) {
                List<String> batch = texts.get();
                Quota.Asked asked = quota.ask(batch);
                if (asked.permit().isEmpty()) {
                    long wake = ++wakes;
                    time.after(Duration.ofMillis(Math.min(asked.millis(), 3_600_000)), () -> {
                        if (wake == wakes) {
                            work();
                        }
                    });
                    return;
                }
                send(batch, asked.permit().get());
            }
        }

        private void send(List<String> batch, Permit permit) {
            idle--;
            List<String> call = batch.subList(0, permit.texts());
            long latency = latencies.get().toNanos();
            long counted = random.nextLong(latency + 1);
            long tokens = quota.tokensOf(call);
            time.after(counted, () -> provider.count(time.nanos(), limits.perItem() ? call.size() : 1, tokens));
            time.after(latency, () -> {
                idle++;
                permit.close();
                work();
            });
        }
    }

    final VirtualTime time;
    final CountingProvider provider = new CountingProvider();
    final Map<Integer, String> notes = new HashMap<>();
    final List<Member> members = new ArrayList<>();
    private final QuotaLimits limits;
    private final int partitions;
    private final Random random;
    private final Supplier<List<String>> texts;
    private final Supplier<Duration> latencies;

    QuotaGroup(
            VirtualTime time,
            QuotaLimits limits,
            int partitions,
            Random random,
            Supplier<List<String>> texts,
            Supplier<Duration> latencies) {
        this.time = time;
        this.limits = limits;
        this.partitions = partitions;
        this.random = random;
        this.texts = texts;
        this.latencies = latencies;
    }

    Member join(Duration clockError) {
        Member member = new Member(clockError);
        members.add(member);
        return member;
    }

    /** So many members, with an equal number of partitions each, in turn. */
    void joinAll(int count) {
        for (int i = 0; i < count; i++) {
            join(Duration.ZERO);
        }
        for (int partition = 0; partition < partitions; partition++) {
            members.get(partition % count).take(partition);
        }
    }
}
