package dev.omniflow.schemas.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.omniflow.schemas.ModelEvent;
import dev.omniflow.schemas.RolloutAccepted;
import dev.omniflow.schemas.RolloutRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ModelRoutingTest {
    private static final String ROLE = "speech-recognition";
    private static final String ONE = "whisper-base@1.0.0";
    private static final String TWO = "whisper-base@1.0.1";
    private static final String THREE = "whisper-base@2.0.0";

    private static RolloutRequest request(
            String rollout, String bundle, int permille, String... tenants) {
        return new RolloutRequest(ROLE, rollout, bundle, permille, List.of(tenants));
    }

    private static ModelEvent accepted(String rollout) {
        return new ModelEvent(ROLE, rollout, 0L, new RolloutAccepted());
    }

    private static ModelEvent refused(String rollout) {
        return new ModelEvent(ROLE, rollout, 0L, new RolloutRefused("broken"));
    }

    private static ModelRouting with(ModelRouting routing, RolloutRequest request) {
        return routing.after(request.event(1)).after(accepted(request.rollout()));
    }

    /** After these requests were accepted. */
    private static ModelRouting after(RolloutRequest... requests) {
        ModelRouting routing = ModelRouting.EMPTY;
        for (RolloutRequest request : requests) {
            routing = with(routing, request);
        }
        return routing;
    }

    private static Optional<String> standardOf(ModelRouting routing) {
        return routing.of(ROLE).standard();
    }

    private static long taking(ModelRouting routing, String bundle, String tenant, int sessions) {
        return IntStream.range(0, sessions)
                .filter(
                        number ->
                                routing.resolve(ROLE, tenant, "call-" + number)
                                        .equals(Optional.of(bundle)))
                .count();
    }

    @Test
    void withoutARolloutTheCallerDecides() {
        assertThat(ModelRouting.EMPTY.resolve(ROLE, "acme", "s")).isEmpty();
        assertThat(ModelRouting.EMPTY.inService(ROLE)).isEmpty();
        assertThat(after(request("a", TWO, 0)).resolve(ROLE, "acme", "s")).isEmpty();
    }

    @Test
    void aRequestTakesEffectAtItsAcceptance() {
        ModelRouting requested = ModelRouting.EMPTY.after(request("a", ONE, 1000).event(1));

        assertThat(requested.resolve(ROLE, "acme", "s")).isEmpty();
        assertThat(requested.of(ROLE).pending()).containsExactly(request("a", ONE, 1000));
        ModelRouting decided = requested.after(accepted("a"));
        assertThat(decided.resolve(ROLE, "acme", "s")).contains(ONE);
        assertThat(decided.of(ROLE).pending()).isEmpty();
        assertThat(decided.resolve("voice-activity", "acme", "s")).isEmpty();
    }

    @Test
    void theFirstDecisionCounts() {
        ModelRouting standard = after(request("a", ONE, 1000));
        ModelRouting asked = standard.after(request("b", TWO, 1000).event(1));

        assertThat(asked.after(refused("b"))).isEqualTo(standard);
        assertThat(asked.after(refused("b")).after(accepted("b"))).isEqualTo(standard);
        ModelRouting taken = asked.after(accepted("b"));
        assertThat(taken.after(refused("b")).after(accepted("b"))).isEqualTo(taken);
        assertThat(taken.after(refused("b")).resolve(ROLE, "acme", "s")).contains(TWO);
    }

    @Test
    void requestsAreDecidedEachByItself() {
        ModelRouting both =
                ModelRouting.EMPTY
                        .after(request("a", ONE, 1000).event(1))
                        .after(request("b", TWO, 1000).event(2));

        assertThat(both.of(ROLE).pending()).hasSize(2);
        assertThat(standardOf(both.after(accepted("b")).after(accepted("a")))).contains(ONE);
        assertThat(standardOf(both.after(accepted("a")).after(refused("b")))).contains(ONE);
    }

    @Test
    void aTenantsOwnGoesFirstAndANewStandardReplacesAll() {
        ModelRouting routing =
                after(
                        request("a", ONE, 1000),
                        request("b", TWO, 1000, "acme", "globex"),
                        request("c", THREE, 400));

        assertThat(taking(routing, TWO, "acme", 200)).isEqualTo(200);
        assertThat(taking(routing, TWO, "initech", 200)).isZero();
        assertThat(taking(routing, THREE, "initech", 200)).isBetween(40L, 120L);
        assertThat(routing.inService(ROLE)).containsExactly(ONE, TWO, THREE);
        ModelRouting replaced = with(routing, request("d", THREE, 1000));
        assertThat(replaced.inService(ROLE)).containsExactly(THREE);
        assertThat(taking(replaced, THREE, "acme", 200)).isEqualTo(200);
    }

    @Test
    void aTenantCanBeKeptOutOfARollout() {
        ModelRouting routing =
                after(
                        request("a", ONE, 1000),
                        request("b", TWO, 900),
                        request("c", ONE, 1000, "acme"));

        assertThat(taking(routing, ONE, "acme", 200)).isEqualTo(200);
        assertThat(with(routing, request("d", ONE, 0, "acme")).of(ROLE).tenants()).isEmpty();
    }

    @Test
    void shareZeroTakesABundleOutOfServiceUnlessItIsTheStandard() {
        ModelRouting routing =
                after(
                        request("a", ONE, 1000),
                        request("b", TWO, 500),
                        request("c", TWO, 1000, "acme", "globex"));

        assertThat(with(routing, request("d", TWO, 0)).inService(ROLE)).containsExactly(ONE);
        ModelRouting without = with(routing, request("d", TWO, 0, "acme"));
        assertThat(without.of(ROLE).tenants()).containsOnlyKeys("globex");
        assertThat(without.of(ROLE).everybody()).contains(new Split(TWO, 500));
        assertThat(with(routing, request("d", ONE, 0))).isEqualTo(routing);
    }

    @Test
    void objectsToWhatCanHaveNoEffect() {
        ModelRouting routing = after(request("a", ONE, 1000), request("b", TWO, 500));

        assertThat(routing.objection(request("c", THREE, 1000))).isEmpty();
        assertThat(routing.objection(request("c", TWO, 0))).isEmpty();
        assertThat(routing.objection(request("c", TWO, 1001)))
                .contains("a share is from 0 to 1000 of 1000 sessions, not 1001");
        assertThat(routing.objection(request("c", ONE, 0)))
                .contains(
                        ONE
                                + " is the standard for speech-recognition: make another one the"
                                + " standard instead");
        assertThat(routing.objection(request("c", THREE, 0)))
                .contains(
                        THREE
                                + " is not in service for speech-recognition: there is nothing to"
                                + " take out");
    }

    /** Other gateways, in whatever language, must come to the same. */
    @Test
    void positionsAreTheSameInEveryProcess() {
        assertThat(ModelRouting.position(ROLE, "call-17")).isEqualTo(959);
        assertThat(ModelRouting.position(ROLE, "Grüße:1")).isEqualTo(865);
        assertThat(ModelRouting.position("voice-activity", "call-17")).isEqualTo(773);
    }

    @Property(tries = 50)
    void aShareIsMetWithinChance(@ForAll @IntRange(max = 1000) int permille) {
        int sessions = 4000;
        long taken =
                taking(
                        after(request("a", ONE, 1000), request("b", TWO, permille)),
                        TWO,
                        "acme",
                        sessions);

        double share = permille / 1000.0;
        double deviation = Math.sqrt(sessions * share * (1 - share));
        assertThat((double) taken)
                .isBetween(share * sessions - 5 * deviation, share * sessions + 5 * deviation);
    }

    @Property(tries = 200)
    void aShareOnlyGrowsByAddingSessions(
            @ForAll @IntRange(max = 1000) int smaller,
            @ForAll @IntRange(max = 1000) int larger,
            @ForAll @Size(max = 30) List<String> sessions,
            @ForAll boolean ofTenant) {
        String[] tenants = ofTenant ? new String[] {"acme"} : new String[0];
        ModelRouting standard = after(request("a", ONE, 1000));
        ModelRouting few = with(standard, request("b", TWO, Math.min(smaller, larger), tenants));
        ModelRouting many = with(few, request("c", TWO, Math.max(smaller, larger), tenants));

        for (String session : sessions) {
            if (few.resolve(ROLE, "acme", session).equals(Optional.of(TWO))) {
                assertThat(many.resolve(ROLE, "acme", session)).contains(TWO);
            }
        }
    }

    @Property(tries = 300)
    void itsShortLogLeadsToTheSame(@ForAll long seed, @ForAll @IntRange(max = 40) int length) {
        Random random = new Random(seed);
        List<String> bundles = List.of(ONE, TWO, THREE);
        List<String> tenants = List.of("acme", "globex", "initech");
        List<ModelEvent> log = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            String role = random.nextBoolean() ? ROLE : "voice-activity";
            String rollout = "r" + random.nextInt(8);
            log.add(
                    switch (random.nextInt(4)) {
                        case 0 -> new ModelEvent(role, rollout, 7L, new RolloutAccepted());
                        case 1 -> new ModelEvent(role, rollout, 7L, new RolloutRefused("no"));
                        default ->
                                new RolloutRequest(
                                                role,
                                                rollout,
                                                bundles.get(random.nextInt(3)),
                                                List.of(0, 250, 1000).get(random.nextInt(3)),
                                                tenants.subList(0, random.nextInt(3)))
                                        .event(7);
                    });
        }
        ModelRouting routing = ModelRouting.EMPTY;
        for (ModelEvent event : log) {
            routing = routing.after(event);
        }

        ModelRouting again = ModelRouting.EMPTY;
        for (ModelEvent event : routing.events()) {
            again = again.after(event);
        }

        assertThat(again).isEqualTo(routing);
    }
}
