package dev.sluice.classifier;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * The memory outside the heap that all stores of one application share. By itself each segment of each store of each
 * partition would take up to 98 MB: 7 GB with 12 partitions. Half is for what was written and is not on disk yet.
 *
 * <p>Source: Kafka Streams' "Memory Management", RocksDB section.
 */
final class StoreMemory implements AutoCloseable {
    /** Among the settings of Kafka Streams, so that {@link Setter}, which Kafka makes by name, can find it. */
    static final String SETTING = "sluice.store.memory";

    static final long BYTES = 64L * 1024 * 1024;

    private final Cache cache;
    private final WriteBufferManager buffers;

    StoreMemory() {
        RocksDB.loadLibrary();
        cache = new LRUCache(BYTES);
        buffers = new WriteBufferManager(BYTES / 2, cache);
    }

    /** Only when no store of it is open any more. */
    @Override
    public void close() {
        buffers.close();
        cache.close();
    }

    /** Gives each store its share. Public, because Kafka makes it by name. */
    public static final class Setter implements RocksDBConfigSetter {
        @Override
        public void setConfig(String store, Options options, Map<String, Object> settings) {
            StoreMemory memory = (StoreMemory) settings.get(SETTING);
            BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
            table.setBlockCache(memory.cache);
            table.setCacheIndexAndFilterBlocks(true);
            options.setTableFormatConfig(table);
            options.setWriteBufferManager(memory.buffers);
        }

        @Override
        public void close(String store, Options options) {}
    }
}
