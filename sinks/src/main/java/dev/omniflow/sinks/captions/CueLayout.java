package dev.omniflow.sinks.captions;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.sinks.captions.internal.Atom;
import dev.omniflow.sinks.captions.internal.Atoms;
import dev.omniflow.sinks.captions.internal.FinalCaptions;
import dev.omniflow.sinks.captions.internal.TextWidth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Lays captions out as cues, one by one as they come.
 *
 * <ul>
 *   <li>No word is lost, doubled or moved: the lines of all cues, put together, are the captions'
 *       texts.
 *   <li>Lines are no wider and cues have no more lines than the options say; a word that is wider
 *       than a line is cut.
 *   <li>Cues of a channel come in order and never overlap. Each lasts at least a millisecond and at
 *       most {@code maxDuration}; it stays longer than its words, if there is room, for {@code
 *       minDuration} and for the reading speed.
 *   <li>Cuts prefer the end of a sentence, then pauses, then clauses. A cue begins with its first
 *       word, unless the one before it would then go before its words are said and {@code
 *       minDuration} is over.
 * </ul>
 *
 * <p>The last cue of each channel is held back, for its end depends on the next one: {@link #add}
 * gives it out when that comes, or when media is {@link #HOLD_US} past it, {@link #finish} at the
 * end. Holds one cue a channel. Not thread-safe.
 */
public final class CueLayout {
    /** How much later media must be before a cue is given out without a successor: 60 s. */
    public static final long HOLD_US = 60_000_000;

    private static final Comparator<Cue> BY_START = Comparator.comparingLong(Cue::startUs);

    private static final long MILLISECOND = 1000;

    /** What a cue costs, so that a caption becomes few of them. */
    private static final double CUE_COST = 10;

    /** What the empty columns of a cue cost at most, so that cues become equally full. */
    private static final double EMPTY_COST = 3;

    /** A silence of this length between words is a place to cut: 600 ms. */
    private static final long PAUSE_US = 600_000;

    /** What a pause inside a cue costs: so much, and so much more for each second. */
    private static final double PAUSE_COST = 4;

    private final CueLayoutOptions options;
    private final SortedMap<Integer, Channel> channels = new TreeMap<>();

    /** Lays out by the rules that the options say. */
    public CueLayout(CueLayoutOptions options) {
        this.options = options;
    }

    /**
     * Takes a final caption; captions of one channel in the order of their media.
     *
     * @return the cues that are finished now, sorted by their begin
     * @throws IllegalArgumentException if the event is not a final caption
     */
    public List<Cue> add(OutputEvent event) {
        Caption caption = FinalCaptions.of(event);
        int widest = options.lineWidth() - options.firstLineReserved();
        List<Atom> atoms = Atoms.of(caption, event.getStartUs(), event.getEndUs(), widest);
        List<Cue> finished = new ArrayList<>();
        for (Channel channel : channels.values()) {
            Held held = channel.held;
            if (held != null && held.startUs < event.getStartUs() - HOLD_US) {
                finished.add(channel.release(held, Long.MAX_VALUE));
            }
        }
        Channel channel =
                channels.computeIfAbsent(caption.getChannel(), number -> new Channel(number));
        int from = 0;
        for (int to : new Cutter(atoms).cuts()) {
            channel.place(atoms.subList(from, to), finished);
            from = to;
        }
        finished.sort(BY_START);
        return finished;
    }

    /** The cues that were held back, sorted by their begin. */
    public List<Cue> finish() {
        List<Cue> finished = new ArrayList<>();
        for (Channel channel : channels.values()) {
            Held held = channel.held;
            if (held != null) {
                finished.add(channel.release(held, Long.MAX_VALUE));
            }
        }
        finished.sort(BY_START);
        return finished;
    }

    /** A cue whose end is not known yet. */
    private record Held(long startUs, long spokenUs, List<String> lines, int width) {}

    /** One channel: the cue that it holds back, and how far its cues reach. */
    private final class Channel {
        private final int number;
        private long floorUs;
        private @Nullable Held held;

        Channel(int number) {
            this.number = number;
        }

        void place(List<Atom> atoms, List<Cue> finished) {
            long startUs = Math.max(floorUs, floorMs(atoms.get(0).startUs()));
            Held before = held;
            if (before != null) {
                long shortestUs = before.startUs + micros(options.minDuration());
                startUs = Math.max(startUs, Math.min(before.spokenUs, shortestUs));
                finished.add(release(before, startUs));
            }
            long spokenUs = ceilMs(atoms.get(atoms.size() - 1).endUs());
            List<String> lines = lines(atoms);
            held =
                    new Held(
                            startUs,
                            Math.max(spokenUs, startUs + MILLISECOND),
                            lines,
                            lines.stream().mapToInt(TextWidth::of).sum());
        }

        /** The held cue with its end, which the begin of the next one limits. */
        Cue release(Held cue, long nextUs) {
            long longestUs = cue.startUs + micros(options.maxDuration());
            long readUs =
                    cue.startUs + ceilMs((long) (cue.width * 1e6 / options.charactersPerSecond()));
            long wantedUs = Math.max(readUs, cue.startUs + micros(options.minDuration()));
            wantedUs = Math.min(wantedUs, cue.spokenUs + micros(options.maxExtension()));
            wantedUs = Math.min(Math.max(wantedUs, cue.spokenUs), longestUs);
            long beforeGapUs = nextUs - micros(options.minGap());
            long endUs;
            if (wantedUs <= beforeGapUs) {
                endUs = wantedUs;
            } else if (cue.spokenUs <= beforeGapUs || nextUs > longestUs) {
                endUs = beforeGapUs;
            } else {
                endUs = nextUs;
            }
            held = null;
            floorUs = endUs;
            return new Cue(number, cue.startUs, endUs, cue.lines);
        }
    }

    /** Where a caption is cut into cues: the cuts that cost least. */
    private final class Cutter {
        private final List<Atom> atoms;

        /** Column at which each atom begins, were all on one line. */
        private final int[] columns;

        Cutter(List<Atom> atoms) {
            this.atoms = atoms;
            columns = new int[atoms.size()];
            int column = 0;
            for (int i = 0; i < columns.length; i++) {
                columns[i] = column;
                column += atoms.get(i).width() + (atoms.get(i).spaceAfter() ? 1 : 0);
            }
        }

        /** End of each cue, as an index of atoms. */
        List<Integer> cuts() {
            int count = atoms.size();
            double[] cost = new double[count + 1];
            int[] end = new int[count + 1];
            for (int from = count - 1; from >= 0; from--) {
                cost[from] = Double.POSITIVE_INFINITY;
                for (int to = from + 1; to <= count && fits(from, to); to++) {
                    double total = cueCost(from, to) + cutCost(to) + cost[to];
                    if (total < cost[from]) {
                        cost[from] = total;
                        end[from] = to;
                    }
                }
            }
            List<Integer> cuts = new ArrayList<>();
            for (int at = 0; at < count; at = end[at]) {
                cuts.add(end[at]);
            }
            return cuts;
        }

        private boolean fits(int from, int to) {
            if (to == from + 1) {
                return true;
            }
            long duration = atoms.get(to - 1).endUs() - atoms.get(from).startUs();
            return duration <= micros(options.maxDuration()) - 2 * MILLISECOND
                    && (fitsOneLine(from, to) || lineBreak(from, to) > 0);
        }

        private boolean fitsOneLine(int from, int to) {
            return width(from, to) <= options.lineWidth() - options.firstLineReserved();
        }

        private int width(int from, int to) {
            return columns[to - 1] + atoms.get(to - 1).width() - columns[from];
        }

        private double cueCost(int from, int to) {
            double capacity = (double) options.lineWidth() * options.lines();
            double empty = 1 - Math.min(1, width(from, to) / capacity);
            double cost = CUE_COST + EMPTY_COST * empty * empty;
            for (int at = from + 1; at < to; at++) {
                long pauseUs = pause(at);
                if (pauseUs >= PAUSE_US) {
                    cost += PAUSE_COST * (1 + pauseUs / 1e6);
                }
            }
            return cost;
        }

        private long pause(int at) {
            return atoms.get(at).startUs() - atoms.get(at - 1).endUs();
        }

        /** What it costs to cut before an atom. */
        private double cutCost(int at) {
            if (at == atoms.size()) {
                return 0;
            }
            double cost =
                    switch (atoms.get(at - 1).ending()) {
                        case SENTENCE -> 0;
                        case CLAUSE -> 4;
                        case WORD -> 9;
                        case FRAGMENT -> 30;
                    };
            return pause(at) >= PAUSE_US ? cost / 3 : cost;
        }

        /** The atom that begins the second line, balanced and well cut; 0 if there is none. */
        int lineBreak(int from, int to) {
            if (options.lines() < 2) {
                return 0;
            }
            int best = 0;
            double bestCost = Double.POSITIVE_INFINITY;
            for (int at = from + 1; at < to; at++) {
                int second = width(at, to);
                if (!fitsOneLine(from, at) || second > options.lineWidth()) {
                    continue;
                }
                double imbalance = Math.abs(width(from, at) - second);
                double cost = cutCost(at) + 12 * imbalance / options.lineWidth();
                if (cost < bestCost) {
                    bestCost = cost;
                    best = at;
                }
            }
            return best;
        }
    }

    private List<String> lines(List<Atom> atoms) {
        Cutter cutter = new Cutter(atoms);
        if (cutter.fitsOneLine(0, atoms.size())) {
            return List.of(text(atoms));
        }
        int second = cutter.lineBreak(0, atoms.size());
        return second == 0
                ? List.of(text(atoms))
                : List.of(
                        text(atoms.subList(0, second)), text(atoms.subList(second, atoms.size())));
    }

    private static String text(List<Atom> atoms) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < atoms.size(); i++) {
            text.append(atoms.get(i).text());
            if (atoms.get(i).spaceAfter() && i < atoms.size() - 1) {
                text.append(' ');
            }
        }
        return text.toString();
    }

    private static long micros(Duration duration) {
        return duration.toMillis() * MILLISECOND;
    }

    private static long floorMs(long us) {
        return Math.floorDiv(us, MILLISECOND) * MILLISECOND;
    }

    private static long ceilMs(long us) {
        return -Math.floorDiv(-us, MILLISECOND) * MILLISECOND;
    }
}
