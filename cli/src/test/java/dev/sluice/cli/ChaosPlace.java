package dev.sluice.cli;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Where a record lies on a topic that goes without saying. */
record ChaosPlace(int partition, long offset) {
    static ChaosPlace of(ConsumerRecord<?, ?> record) {
        return new ChaosPlace(record.partition(), record.offset());
    }

    @Override
    public String toString() {
        return partition + "@" + offset;
    }
}
