/**
 * How media enters: files are decoded in process and published as the ordered event log of a
 * session.
 *
 * <ul>
 *   <li>{@link dev.omniflow.ingest.MediaDecoder} turns any file that FFmpeg reads into 16 kHz PCM
 *       with exact media times;
 *   <li>{@link dev.omniflow.ingest.MediaPublisher} and {@link dev.omniflow.ingest.SessionPublisher}
 *       write events without holes to Kafka;
 *   <li>{@link dev.omniflow.ingest.ModelDirectory} knows which models new sessions take;
 *   <li>{@link dev.omniflow.ingest.FileIngest} joins them.
 * </ul>
 *
 * <p>Times of media are in microseconds from the session's start unless a name says otherwise;
 * positions are in samples at 16 kHz. Nothing here decides anything by the wall clock: it only
 * stamps the time of ingest and, if asked to, paces a file in real time.
 */
@NullMarked
package dev.omniflow.ingest;

import org.jspecify.annotations.NullMarked;
