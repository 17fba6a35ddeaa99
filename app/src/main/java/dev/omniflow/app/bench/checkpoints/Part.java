package dev.omniflow.app.bench.checkpoints;

import dev.omniflow.app.bench.live.LiveJob;
import java.util.Locale;

/** Parts of the process, by the names of their threads. */
enum Part {
    /** Threads of tasks: operators, state, and the sinks' transactions. */
    TASKS,
    /** The lanes that run graphs. */
    LANES,
    /** Kafka's consumers and producers in the job: fetch, and write what sinks gave them. */
    CLIENTS,
    /** The rest of Flink: coordinators, heartbeats, writing of snapshots. */
    FLINK,
    /** The Kafka broker. */
    BROKER,
    /** The bench itself: it publishes and measures. */
    LOAD,
    /** All other threads: of the Java virtual machine, and those that ended meanwhile. */
    REST;

    private static final String[] FLINK_NAMES = {
        "flink-", "jobmanager-", "pekko", "checkpoint", "asyncoperations", "cluster-io", "mini-"
    };

    private static final String[] BROKER_NAMES = {
        "data-plane-",
        "kafka-",
        "raft-",
        "controller-",
        "quorum-controller",
        "broker-",
        "group-",
        "transaction",
        "txn",
        "replica",
        "log-",
        "executor-",
        "expirationreaper",
        "throttled",
        "share-",
        "metadata",
        "addpartitions"
    };

    /** The part that a thread belongs to. */
    static Part of(String thread) {
        String name = thread.toLowerCase(Locale.ROOT);
        if (name.equals("main") || name.contains(LiveJob.PUBLISHER)) {
            return LOAD;
        }
        if (name.startsWith("inference-")) {
            return LANES;
        }
        if (name.startsWith("kafka-producer-") || name.startsWith("source data fetcher")) {
            return CLIENTS;
        }
        // A task says which of how many it is: captions -> stamp (1/2)#0.
        if (name.matches(".*\\(\\d+/\\d+\\)#\\d+.*")) {
            return TASKS;
        }
        if (startsWithAny(name, FLINK_NAMES)) {
            return FLINK;
        }
        return startsWithAny(name, BROKER_NAMES) ? BROKER : REST;
    }

    private static boolean startsWithAny(String name, String[] beginnings) {
        for (String beginning : beginnings) {
            if (name.startsWith(beginning)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
