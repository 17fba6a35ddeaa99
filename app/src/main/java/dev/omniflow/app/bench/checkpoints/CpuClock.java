package dev.omniflow.app.bench.checkpoints;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * CPU time that the process and its threads have used so far.
 *
 * @param processNanos of the process
 * @param threads of the Java threads that live, by id
 */
record CpuClock(long processNanos, Map<Long, OfThread> threads) {
    /**
     * CPU time of a thread.
     *
     * @param part what it belongs to
     * @param nanos what it has used
     */
    record OfThread(Part part, long nanos) {}

    /** As it stands. */
    static CpuClock read() {
        ThreadMXBean bean = ManagementFactory.getThreadMXBean();
        Map<Long, OfThread> threads = new HashMap<>();
        for (ThreadInfo thread : bean.getThreadInfo(bean.getAllThreadIds())) {
            // One that has just ended is null, or has used -1.
            if (thread != null) {
                long nanos = bean.getThreadCpuTime(thread.getThreadId());
                if (nanos >= 0) {
                    threads.put(
                            thread.getThreadId(),
                            new OfThread(Part.of(thread.getThreadName()), nanos));
                }
            }
        }
        OperatingSystemMXBean system =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new CpuClock(system.getProcessCpuTime(), threads);
    }

    /** What was used since an earlier reading. */
    CpuUse since(CpuClock earlier) {
        Map<Part, Double> parts = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            parts.put(part, 0.0);
        }
        double known = 0;
        for (Map.Entry<Long, OfThread> each : threads.entrySet()) {
            OfThread before = earlier.threads().get(each.getKey());
            long nanos = each.getValue().nanos() - (before == null ? 0 : before.nanos());
            double seconds = nanos / 1e9;
            parts.merge(each.getValue().part(), seconds, Double::sum);
            known += seconds;
        }
        double all = (processNanos - earlier.processNanos()) / 1e9;
        parts.merge(Part.REST, all - known, Double::sum);
        return new CpuUse(all, parts);
    }
}
