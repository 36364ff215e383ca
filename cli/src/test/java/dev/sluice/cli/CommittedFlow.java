package dev.sluice.cli;

import dev.sluice.schemas.Source;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A topic as a read_committed reader sees it while things happen: how often the place of each post turned up, and the longest
 * time without anything new.
 */
final class CommittedFlow implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Function<byte[], Source> source;
    private final Map<String, Integer> places = new HashMap<>();
    private final Thread reader;
    private long last = System.nanoTime();
    private long longest;
    private boolean over;

    CommittedFlow(String servers, String topic, Function<byte[], Source> source) {
        this.source = source;
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        servers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        reader = new Thread(this::read, "flow-" + topic);
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        while (!isOver()) {
            var records = consumer.poll(Duration.ofMillis(20));
            if (!records.isEmpty()) {
                take(records);
            }
        }
        consumer.close();
    }

    private synchronized boolean isOver() {
        return over;
    }

    private synchronized void take(Iterable<ConsumerRecord<byte[], byte[]>> records) {
        longest = Math.max(longest, System.nanoTime() - last);
        last = System.nanoTime();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            Source place = source.apply(record.value());
            places.merge(place.getPartition() + "@" + place.getOffset(), 1, Integer::sum);
        }
        notifyAll();
    }

    synchronized int places() {
        return places.size();
    }

    synchronized Map<String, Integer> repeated() {
        return places.entrySet().stream()
                .filter(it -> it.getValue() > 1)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The longest time without anything new, since this was last asked. */
    synchronized Duration longestGap() {
        Duration gap = Duration.ofNanos(Math.max(longest, System.nanoTime() - last));
        longest = 0;
        last = System.nanoTime();
        return gap;
    }

    /** Until there are so many places. */
    synchronized void await(int wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TestBroker.PATIENCE.toNanos();
        while (places.size() < wanted) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new AssertionError("only " + places.size() + " of " + wanted + " posts have come");
            }
            wait(left);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            over = true;
        }
        try {
            reader.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
