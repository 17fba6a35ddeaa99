package dev.omniflow.ingest;

import java.time.Duration;
import java.util.Optional;

/**
 * What a file says about its best audio stream.
 *
 * @param format name of the container, for example {@code mov,mp4,m4a,3gp,3g2,mj2}
 * @param codec name of the audio codec, for example {@code aac}
 * @param sampleRate samples a second in the file
 * @param channels channels in the file
 * @param duration length of the audio as the headers give or suggest it; empty where they do not
 */
public record MediaInfo(
        String format, String codec, int sampleRate, int channels, Optional<Duration> duration) {}
