package dev.sluice.schemas;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * A topic bound to what it holds, so that no two places can disagree about its name, codec, partitions or settings. Keys
 * are UTF-8 text throughout.
 *
 * @param name full name, with prefix and classifier
 * @param codec of the values
 * @param partitions wanted at creation, 1 or more
 * @param configs topic settings at creation, by Kafka's names
 */
public record Topic<V extends SpecificRecord>(
        String name, RecordCodec<V> codec, int partitions, Map<String, String> configs) {

    public Topic {
        if (partitions < 1) {
            throw new IllegalArgumentException("the topic " + name + " needs 1 partition or more, not " + partitions);
        }
        configs = Map.copyOf(configs);
    }

    public Serde<String> keys() {
        return Serdes.String();
    }

    /** Writes Avro; throws on bytes it cannot read. Where those must not stop a reader, decode with {@link #codec}. */
    public Serde<V> values() {
        return codec.serde();
    }

    NewTopic creation(Replication replication) {
        Map<String, String> all = new HashMap<>(configs);
        if (replication.minInsyncReplicas() > 0) {
            all.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Short.toString(replication.minInsyncReplicas()));
        }
        Optional<Short> factor = Optional.of(replication.factor()).filter(replicas -> replicas > 0);
        return new NewTopic(name, Optional.of(partitions), factor).configs(all);
    }
}
