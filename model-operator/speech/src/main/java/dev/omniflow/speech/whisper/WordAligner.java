package dev.omniflow.speech.whisper;

import java.util.Arrays;

/**
 * Finds when each token was said, from the decoder's cross-attention: the weights of the alignment
 * heads are normalised over tokens, smoothed over time and averaged, and the cheapest monotone path
 * through them tells at which 20 ms frame each token begins (the method of OpenAI's word
 * timestamps).
 */
final class WordAligner {
    private static final int SMOOTHING = 7;

    private WordAligner() {}

    /**
     * Finds the frames at which tokens begin.
     *
     * @param attention one matrix per token, {@code [heads * frames]}, for the tokens in order and
     *     the end of text
     * @param heads number of alignment heads
     * @param stride frames in each matrix row
     * @param frames frames that hold audio, at most {@code stride}
     * @return the frame at which each token begins, and as its last element that at which the text
     *     ends
     */
    static int[] tokenStarts(float[][] attention, int heads, int stride, int frames) {
        int tokens = attention.length;
        double[][] cost = new double[tokens][frames];
        double[][] head = new double[tokens][frames];
        for (int h = 0; h < heads; h++) {
            for (int token = 0; token < tokens; token++) {
                double sum = 0;
                for (int frame = 0; frame < frames; frame++) {
                    sum += attention[token][h * stride + frame];
                }
                for (int frame = 0; frame < frames; frame++) {
                    head[token][frame] =
                            attention[token][h * stride + frame] / Math.max(sum, 1e-12);
                }
            }
            normaliseOverTokens(head, frames);
            for (int token = 0; token < tokens; token++) {
                double[] smooth = medians(head[token], frames);
                for (int frame = 0; frame < frames; frame++) {
                    cost[token][frame] -= smooth[frame] / heads;
                }
            }
        }
        return path(cost, tokens, frames);
    }

    private static void normaliseOverTokens(double[][] weights, int frames) {
        int tokens = weights.length;
        for (int frame = 0; frame < frames; frame++) {
            double mean = 0;
            for (double[] row : weights) {
                mean += row[frame] / tokens;
            }
            double variance = 0;
            for (double[] row : weights) {
                variance += (row[frame] - mean) * (row[frame] - mean) / tokens;
            }
            double deviation = Math.max(Math.sqrt(variance), 1e-12);
            for (double[] row : weights) {
                row[frame] = (row[frame] - mean) / deviation;
            }
        }
    }

    /** Running medians; at the edges the row is mirrored. */
    private static double[] medians(double[] row, int frames) {
        int half = SMOOTHING / 2;
        if (frames <= half) {
            return row.clone();
        }
        double[] medians = new double[frames];
        double[] window = new double[SMOOTHING];
        for (int frame = 0; frame < frames; frame++) {
            for (int i = 0; i < SMOOTHING; i++) {
                int at = Math.abs(frame + i - half);
                window[i] = row[at < frames ? at : 2 * (frames - 1) - at];
            }
            Arrays.sort(window);
            medians[frame] = window[half];
        }
        return medians;
    }

    /** Dynamic time warping: the frame at which the cheapest path enters each token. */
    private static int[] path(double[][] cost, int tokens, int frames) {
        double[][] total = new double[tokens + 1][frames + 1];
        byte[][] from = new byte[tokens + 1][frames + 1];
        for (double[] row : total) {
            Arrays.fill(row, Double.POSITIVE_INFINITY);
        }
        total[0][0] = 0;
        for (int frame = 1; frame <= frames; frame++) {
            for (int token = 1; token <= tokens; token++) {
                double both = total[token - 1][frame - 1];
                double nextToken = total[token - 1][frame];
                double nextFrame = total[token][frame - 1];
                double best;
                if (both < nextToken && both < nextFrame) {
                    best = both;
                    from[token][frame] = 0;
                } else if (nextToken < both && nextToken < nextFrame) {
                    best = nextToken;
                    from[token][frame] = 1;
                } else {
                    best = nextFrame;
                    from[token][frame] = 2;
                }
                total[token][frame] = cost[token - 1][frame - 1] + best;
            }
        }
        int[] starts = new int[tokens];
        int token = tokens;
        int frame = frames;
        while (token > 0 && frame > 0) {
            starts[token - 1] = frame - 1;
            switch (from[token][frame]) {
                case 0 -> {
                    token--;
                    frame--;
                }
                case 1 -> token--;
                default -> frame--;
            }
        }
        return starts;
    }
}
