package dev.omniflow.flink;

import java.util.List;
import java.util.Map;

/**
 * Which bundles are wanted for one role from now on; replaces what was wanted for it before.
 *
 * @param run names the run of the job: different after every start, so that reports of an earlier
 *     run are told apart
 * @param role what the bundles are for; a bundle's kind
 * @param standard whether one of those in service is what sessions take unless told otherwise. If
 *     not, the bundles that were configured for the role stay in service too
 * @param inService bundles that new sessions may take, as {@code name@version}
 * @param onTrial bundles that are to be loaded to see whether they can be, by rollout
 */
public record ModelDemand(
        String run,
        String role,
        boolean standard,
        List<String> inService,
        Map<String, String> onTrial) {
    public ModelDemand {
        inService = List.copyOf(inService);
        onTrial = Map.copyOf(onTrial);
    }
}
