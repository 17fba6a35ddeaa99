package dev.omniflow.app.bench.recovery;

import java.util.List;

/**
 * What was killed, and how the job took it.
 *
 * @param kills one for each TaskManager that died
 * @param detectedMs for each kill that came alone, the time until the JobManager restarted the job
 * @param restartedMs for each kill that came alone, the time until every task ran again
 * @param restarts how often the job was restarted
 * @param leastLive the fewest sessions that were live at a kill
 */
record Kills(
        List<Kill> kills,
        List<Long> detectedMs,
        List<Long> restartedMs,
        long restarts,
        int leastLive) {
    Kills {
        kills = List.copyOf(kills);
        detectedMs = List.copyOf(detectedMs);
        restartedMs = List.copyOf(restartedMs);
    }
}
