package dev.omniflow.app.bench.soak;

import java.time.Duration;

/**
 * Which session opens when and how it goes. Every other one ends as it should, the rest are just
 * left; one in eleven hears speech and is captioned, the others a quiet room.
 *
 * @param sessions how many
 * @param opening over how long they are opened, evenly
 * @param life how long each is used
 */
record SoakPlan(int sessions, Duration opening, Duration life) {
    /** Odd, so that of those that hear speech every other one is left, too. */
    private static final int SPEECH_EVERY = 11;

    /** When a session opens, from the begin. */
    Duration opensAt(int session) {
        return opening.multipliedBy(session).dividedBy(sessions);
    }

    /** Whether a session ends as it should, rather than being left. */
    boolean ends(int session) {
        return session % 2 == 0;
    }

    /** Whether a session hears speech. */
    boolean speaks(int session) {
        return session % SPEECH_EVERY == 0;
    }

    /** Sessions that end as they should. */
    int ended() {
        return (sessions + 1) / 2;
    }

    /** Sessions that are left. */
    int abandoned() {
        return sessions - ended();
    }

    /** As many sessions a second, for two lives: what the job has seen before it is measured. */
    SoakPlan warmUp() {
        Duration twice = life.multipliedBy(2);
        long few = Math.round((double) sessions * twice.toMillis() / opening.toMillis());
        return new SoakPlan((int) Math.max(1, Math.min(sessions, few)), twice, life);
    }
}
