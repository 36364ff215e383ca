package dev.sluice.cli;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.MemberDescription;

/** Who is in a consumer group, as the broker says it. */
final class GroupMembers {
    private final TestBroker broker;
    private final String group;

    GroupMembers(TestBroker broker, String group) {
        this.broker = broker;
        this.group = group;
    }

    /** Until so many are there and nobody else, and so many of them have partitions. */
    void await(int count, int busy) throws InterruptedException {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        while (true) {
            Collection<MemberDescription> members = now();
            if (members.size() == count
                    && members.stream().filter(GroupMembers::isBusy).count() == busy) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(group + " has not come to " + count + " members: " + members);
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private Collection<MemberDescription> now() throws InterruptedException {
        try {
            return broker.admin()
                    .describeConsumerGroups(List.of(group))
                    .describedGroups()
                    .get(group)
                    .get()
                    .members();
        } catch (ExecutionException e) {
            return List.of(); // nobody has joined it yet
        }
    }

    private static boolean isBusy(MemberDescription member) {
        return !member.assignment().topicPartitions().isEmpty();
    }
}
