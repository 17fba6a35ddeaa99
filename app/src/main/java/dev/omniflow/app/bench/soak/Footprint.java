package dev.omniflow.app.bench.soak;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.bench.live.LiveJob;
import dev.omniflow.app.runtime.EmbeddedCheckpoint;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the process and the job take, in bytes.
 *
 * @param heap of live objects, right after a collection
 * @param direct of buffers outside the heap
 * @param resident of the process in memory; 0 where the system does not tell
 * @param inUse of tensors that sessions hold
 * @param idle of tensors kept for the next session
 * @param state of the last checkpoint
 * @param sessions in memory, their number
 */
record Footprint(
        long heap, long direct, long resident, long inUse, long idle, long state, long sessions) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";

    /** As it is now. Collects garbage first. */
    static Footprint of(LiveJob job) throws CommandException, InterruptedException {
        // The second one frees the direct buffers that the first found unreachable.
        System.gc();
        System.gc();
        List<EmbeddedCheckpoint> checkpoints = job.checkpoints();
        return new Footprint(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                directBytes(),
                residentBytes(),
                job.metrics().most("memoryInUseBytes"),
                job.metrics().most("memoryIdleBytes"),
                checkpoints.isEmpty() ? 0 : checkpoints.get(checkpoints.size() - 1).stateBytes(),
                job.metrics().sum("sessions"));
    }

    /** The larger of each figure. */
    Footprint most(Footprint other) {
        return new Footprint(
                Math.max(heap, other.heap),
                Math.max(direct, other.direct),
                Math.max(resident, other.resident),
                Math.max(inUse, other.inUse),
                Math.max(idle, other.idle),
                Math.max(state, other.state),
                Math.max(sessions, other.sessions));
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static long residentBytes() throws CommandException {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(RESIDENT))
                    .mapToLong(Footprint::kibibytes)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw CommandException.failure("cannot read " + STATUS, e);
        }
    }

    /** Of a line such as {@code VmRSS: 812340 kB}. */
    static long kibibytes(String line) {
        return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
    }
}
