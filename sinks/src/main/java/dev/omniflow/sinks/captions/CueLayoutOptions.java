package dev.omniflow.sinks.captions;

import java.time.Duration;

/**
 * The rules of cue layout.
 *
 * @param lineWidth most columns of a line; a wide character (Chinese, Japanese, Korean, emoji)
 *     takes two
 * @param lines most lines of a cue
 * @param firstLineReserved columns of the first line that a label takes
 * @param maxDuration longest time that a cue stays
 * @param minDuration shortest time that a cue stays, where there is room
 * @param charactersPerSecond reading speed that the end of a cue is extended for, where there is
 *     room; a wide character counts as two
 * @param maxExtension longest time that a cue stays after its last word
 * @param minGap gap between two cues of a channel: at least this, or none at all
 */
public record CueLayoutOptions(
        int lineWidth,
        int lines,
        int firstLineReserved,
        Duration maxDuration,
        Duration minDuration,
        double charactersPerSecond,
        Duration maxExtension,
        Duration minGap) {
    /** 42 columns, 2 lines, 7 s, 5/6 s, 17 characters a second, 2 frames of 24 a second. */
    public static final CueLayoutOptions DEFAULT =
            new CueLayoutOptions(
                    42,
                    2,
                    0,
                    Duration.ofSeconds(7),
                    Duration.ofMillis(833),
                    17,
                    Duration.ofMillis(1500),
                    Duration.ofMillis(83));

    public CueLayoutOptions {
        if (lineWidth - firstLineReserved < 2 || firstLineReserved < 0) {
            throw new IllegalArgumentException(
                    "a line needs 2 columns besides its label, but lineWidth is "
                            + lineWidth
                            + " and firstLineReserved "
                            + firstLineReserved);
        }
        if (lines < 1 || lines > 2) {
            throw new IllegalArgumentException("a cue has 1 or 2 lines, but lines is " + lines);
        }
        if (minDuration.isNegative() || minDuration.compareTo(maxDuration) > 0) {
            throw new IllegalArgumentException(
                    "minDuration is from 0 to maxDuration ("
                            + maxDuration
                            + "), but it is "
                            + minDuration);
        }
        if (!(charactersPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "charactersPerSecond is above 0, but it is " + charactersPerSecond);
        }
    }

    /** These rules with so many columns of the first line taken by a label. */
    public CueLayoutOptions withFirstLineReserved(int columns) {
        return new CueLayoutOptions(
                lineWidth,
                lines,
                columns,
                maxDuration,
                minDuration,
                charactersPerSecond,
                maxExtension,
                minGap);
    }
}
