package dev.omniflow.app.bench.operator;

import java.util.Random;

/**
 * Made-up sound with something of a voice: a gliding tone with overtones that comes and goes, and
 * noise. The same number always gives the same sound.
 */
final class Sound {
    /** Different sounds; sessions take them in turns. */
    static final int COUNT = 8;

    private static final int SAMPLE_RATE = 16_000;

    private Sound() {}

    /** Sound of that number, 16 kHz. */
    static short[] pcm(int number, int samples) {
        Random random = new Random(number);
        short[] pcm = new short[samples];
        double phase = 0;
        for (int i = 0; i < samples; i++) {
            double seconds = i / (double) SAMPLE_RATE;
            double pitch = 110 + 12 * number + 30 * Math.sin(2 * seconds);
            phase += 2 * Math.PI * pitch / SAMPLE_RATE;
            double voice = 0;
            for (int overtone = 1; overtone <= 8; overtone++) {
                voice += Math.sin(overtone * phase) / overtone;
            }
            double loudness = Math.max(0, Math.sin(2 * Math.PI * (0.7 + 0.1 * number) * seconds));
            pcm[i] = (short) (8_000 * (0.4 * voice * loudness + 0.02 * random.nextGaussian()));
        }
        return pcm;
    }

    /** The same from -1 to 1. */
    static float[] floats(short[] pcm) {
        float[] floats = new float[pcm.length];
        for (int i = 0; i < pcm.length; i++) {
            floats[i] = pcm[i] / 32_768f;
        }
        return floats;
    }
}
