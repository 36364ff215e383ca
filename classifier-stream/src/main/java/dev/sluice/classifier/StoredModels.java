package dev.sluice.classifier;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The versions as they lie on the topic, built on demand. What was refused once is not built again until it is published anew. */
final class StoredModels {
    private final Topics topics;
    private final Trust trust;
    private final Map<String, String> unsound = new HashMap<>();
    private final Set<String> deleted = new HashSet<>();
    private ReadOnlyKeyValueStore<String, byte[]> store;

    StoredModels(Topics topics, Trust trust) {
        this.topics = topics;
        this.trust = trust;
    }

    /** @param store by record key */
    void opened(ReadOnlyKeyValueStore<String, byte[]> store) {
        this.store = store;
    }

    /**
     * The store has changed.
     *
     * @param value the record's bytes, or nothing if the version was deleted
     * @return the version, if there is one
     * @throws RuntimeException with the reason, if the bytes are not a sound version of this classifier
     */
    Optional<Serving> arrived(String key, Optional<byte[]> value) {
        unsound.remove(key);
        if (value.isEmpty()) {
            deleted.add(key);
        } else {
            deleted.remove(key);
        }
        return value.map(bytes -> serving(key, bytes));
    }

    /** The version, if it is there and sound. */
    Optional<Serving> load(int version) {
        String key = key(version);
        byte[] value = unsound.containsKey(key) ? null : store.get(key);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(serving(key, value));
        } catch (RuntimeException e) {
            unsound.put(key, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /** The broker counts bytes as they travel, and compressed they may be few. */
    private Serving serving(String key, byte[] value) {
        if (value.length > topics.maxModelBytes()) {
            throw new InvalidModelException("the version has " + value.length + " bytes, this classifier takes "
                    + topics.maxModelBytes() + ": make the model smaller, or raise " + ServiceConfig.MODEL_MAX_BYTES
                    + " of all services");
        }
        return Serving.of(topics.models().codec(), topics.classifier(), trust, key, value);
    }

    /** Why the version cannot be loaded, if it has been tried. */
    Optional<String> refusal(int version) {
        return Optional.ofNullable(unsound.get(key(version)));
    }

    /** Whether the version was deleted since the start, and not published again. */
    boolean deleted(int version) {
        return deleted.contains(key(version));
    }

    private String key(int version) {
        return ModelVersions.keyOf(topics.classifier(), version);
    }
}
