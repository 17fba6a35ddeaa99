package dev.omniflow.app.bench.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartTest {
    private static final Map<Part, List<String>> NAMES =
            Map.of(
                    Part.TASKS,
                    List.of(
                            "captions -> stamp -> (write omni.live: Writer) (1/2)#0",
                            "Source: read omni.media -> Filter (2/2)#0"),
                    Part.CLIENTS,
                    List.of(
                            "Source Data Fetcher for Source: read omni.media (1/2)#0",
                            "kafka-producer-network-thread | producer-4"),
                    Part.LANES,
                    List.of("inference-lane-1"),
                    Part.FLINK,
                    List.of(
                            "flink-pekko.actor.default-dispatcher-7",
                            "jobmanager-io-thread-1",
                            "AsyncOperations-thread-1",
                            "Checkpoint Timer"),
                    Part.BROKER,
                    List.of(
                            "data-plane-kafka-request-handler-1",
                            "kafka-1-raft-io-thread",
                            "TxnMarkerSenderThread-1"),
                    Part.LOAD,
                    List.of(
                            "main",
                            "omniflow-bench-checkpoints",
                            "kafka-producer-network-thread | omniflow-bench"),
                    Part.REST,
                    List.of("C1 CompilerThread0"));

    @Test
    void knowsThreadsByTheirNames() {
        assertThat(NAMES).containsOnlyKeys(Part.values());
        NAMES.forEach(
                (part, names) ->
                        assertThat(names)
                                .allSatisfy(name -> assertThat(Part.of(name)).isEqualTo(part)));
    }
}
