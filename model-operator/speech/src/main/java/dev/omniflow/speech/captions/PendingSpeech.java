package dev.omniflow.speech.captions;

import dev.omniflow.speech.endpointing.Endpointer;
import dev.omniflow.speech.state.PendingUtterance;

/**
 * An utterance that waits to be recognised. Positions are samples.
 *
 * @param utterance its number
 * @param channel its channel
 * @param span where its speech and its audio lie
 * @param cause index of the input that ended it
 */
record PendingSpeech(long utterance, int channel, Endpointer.Utterance span, long cause) {
    static PendingSpeech of(PendingUtterance stored) {
        return new PendingSpeech(
                stored.getUtterance(),
                stored.getChannel(),
                new Endpointer.Utterance(
                        stored.getBegin(),
                        stored.getEnd(),
                        stored.getAudioBegin(),
                        stored.getAudioEnd()),
                stored.getCause());
    }

    PendingUtterance toState() {
        return new PendingUtterance(
                utterance,
                channel,
                span.begin(),
                span.end(),
                span.audioBegin(),
                span.audioEnd(),
                cause);
    }
}
