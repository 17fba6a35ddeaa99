package dev.omniflow.app.bench.recovery;

import dev.omniflow.app.bench.live.LiveSession;
import dev.omniflow.app.bench.live.Pace;
import dev.omniflow.ingest.MediaPublisher;
import dev.omniflow.schemas.SessionStart;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Sessions that speak at the pace of the clock. Where one ends, another begins, so that there are
 * always equally many; lengths and begins differ, so that they are never in the same phase.
 *
 * <p>A thread of its own paces them. Thread-safe.
 */
final class LiveLoad implements AutoCloseable {
    /** 8 s to 30 s. */
    private static final int SHORTEST_FRAMES = 80;

    private static final int LONGEST_FRAMES = 300;

    private final MediaPublisher publisher;
    private final SessionStart start;
    private final List<short[]> sounds;
    private final int live;
    private final Duration pause;
    private final Random random;
    private final Set<String> opened = new LinkedHashSet<>();
    private final CompletableFuture<Void> allLive = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean ending;

    /** A session under way, and how many frames it still hears. */
    private static final class Speaker {
        private final LiveSession session;
        private int left;

        Speaker(LiveSession session, int frames) {
            this.session = session;
            this.left = frames;
        }
    }

    /**
     * Begins; sessions open one after the other.
     *
     * @param publisher stays the caller's
     * @param start what opens a session
     * @param sounds what sessions hear, each in whole frames
     * @param live sessions at a time
     * @param speed media time over time of the clock
     * @param seed chooses sounds, begins and lengths
     */
    LiveLoad(
            MediaPublisher publisher,
            SessionStart start,
            List<short[]> sounds,
            int live,
            double speed,
            long seed) {
        this.publisher = publisher;
        this.start = start;
        this.sounds = List.copyOf(sounds);
        this.live = live;
        this.pause = Duration.ofNanos(Math.round(LiveSession.FRAME.toNanos() / speed));
        this.random = new Random(seed);
        this.thread = new Thread(this::run, "omniflow-live-load");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits until as many sessions are live as there should be. */
    void awaitAllLive() throws IOException, InterruptedException {
        get(allLive);
    }

    /** How many sessions speak at a time. */
    int speaking() {
        return live;
    }

    /** Ids of all sessions that were opened until now. */
    Set<String> opened() {
        synchronized (opened) {
            return new LinkedHashSet<>(opened);
        }
    }

    /** Throws if the sessions could not go on. */
    void requireAlive() throws IOException {
        if (ended.isCompletedExceptionally()) {
            throw new IOException("the live sessions broke off", ended.handle((n, e) -> e).join());
        }
    }

    /** Ends every session as one should; returns when all of it is written. */
    void end() throws IOException, InterruptedException {
        ending = true;
        get(ended);
    }

    private static void get(CompletableFuture<Void> event)
            throws IOException, InterruptedException {
        try {
            event.get();
        } catch (ExecutionException e) {
            throw new IOException("the live sessions broke off", e.getCause());
        }
    }

    private void run() {
        try {
            speak();
            ended.complete(null);
        } catch (IOException | InterruptedException | RuntimeException e) {
            allLive.completeExceptionally(e);
            ended.completeExceptionally(e);
        }
    }

    private void speak() throws IOException, InterruptedException {
        List<Speaker> speakers = new ArrayList<>();
        Pace pace = new Pace();
        for (long frame = 1; !ending; frame++) {
            if (speakers.size() < live) {
                speakers.add(open());
            } else {
                allLive.complete(null);
            }
            for (int i = 0; i < speakers.size(); i++) {
                if (speakers.get(i).left == 0) {
                    speakers.get(i).session.end();
                    speakers.set(i, open());
                }
                speakers.get(i).session.frame();
                speakers.get(i).left--;
            }
            pace.await(pause.multipliedBy(frame));
        }
        for (Speaker speaker : speakers) {
            speaker.session.end();
            speaker.session.flush();
        }
    }

    private Speaker open() throws IOException, InterruptedException {
        short[] sound = sounds.get(random.nextInt(sounds.size()));
        int begin = random.nextInt(sound.length / LiveSession.samples(1) * 10);
        int frames = SHORTEST_FRAMES + random.nextInt(LONGEST_FRAMES - SHORTEST_FRAMES + 1);
        String id;
        synchronized (opened) {
            id = "live-" + opened.size();
            opened.add(id);
        }
        return new Speaker(new LiveSession(publisher, id, start, sound, begin), frames);
    }

    /** Breaks off, if it has not ended. */
    @Override
    public void close() {
        ending = true;
        thread.interrupt();
    }
}
