package dev.omniflow.speech.captions;

/** Media time in microseconds to samples at 16 kHz and back. A sample is 62.5 microseconds. */
final class Times {
    private Times() {}

    static long microseconds(long sample) {
        return sample * 125 / 2;
    }

    /** The nearest sample. */
    static long sample(long microseconds) {
        return Math.floorDiv(microseconds * 2 + 62, 125);
    }
}
