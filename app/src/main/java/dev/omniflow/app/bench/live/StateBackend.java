package dev.omniflow.app.bench.live;

import java.util.Locale;
import java.util.Map;

/** Where a job keeps its state. */
public enum StateBackend {
    /** Objects on the heap; each checkpoint writes all. */
    HASHMAP,
    /** RocksDB with incremental checkpoints. */
    ROCKSDB;

    Map<String, String> settings() {
        return switch (this) {
            case HASHMAP -> Map.of("state.backend.type", "hashmap");
            case ROCKSDB ->
                    Map.of(
                            "state.backend.type",
                            "rocksdb",
                            "execution.checkpointing.incremental",
                            "true",
                            "taskmanager.memory.managed.size",
                            "64mb");
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
