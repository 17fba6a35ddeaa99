package dev.omniflow.app.bench.recovery;

import dev.omniflow.schemas.OutputEvent;
import java.util.List;

/**
 * What a job wrote.
 *
 * @param record every output of the transactional topics, as a reader of committed records sees
 *     them, in the order of each partition
 * @param live outputs of the live topic
 */
record Outputs(List<OutputEvent> record, List<OutputEvent> live) {
    Outputs {
        record = List.copyOf(record);
        live = List.copyOf(live);
    }
}
