/**
 * Final captions as WebVTT, SubRip, JSON lines or plain text.
 *
 * <p>{@link dev.omniflow.sinks.captions.CaptionFormat} makes a {@link
 * dev.omniflow.sinks.captions.CaptionWriter}, which takes captions one by one as they come and
 * writes as early as it can. {@link dev.omniflow.sinks.captions.CueLayout} cuts captions into cues
 * that can be read on a screen. All of it works without a clock and without knowing where the
 * captions came from: the same captions give the same bytes.
 */
@NullMarked
package dev.omniflow.sinks.captions;

import org.jspecify.annotations.NullMarked;
