package dev.omniflow.sinks.captions;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.Finality;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Stream;
import dev.omniflow.schemas.Word;
import java.util.ArrayList;
import java.util.List;

/** Makes caption events. */
public final class Captions {
    private long sequence;

    /** A final caption whose words are spread evenly over its time. */
    public OutputEvent evenly(int channel, double start, double end, String text) {
        String[] parts = text.isBlank() ? new String[0] : text.strip().split("\\s+", -1);
        List<Word> words = new ArrayList<>();
        long startUs = Math.round(start * 1e6);
        long lengthUs = Math.round(end * 1e6) - startUs;
        for (int i = 0; i < parts.length; i++) {
            words.add(
                    new Word(
                            parts[i],
                            startUs + lengthUs * i / parts.length,
                            startUs + lengthUs * (i + 1) / parts.length,
                            0.9f));
        }
        return caption(channel, start, end, text, words);
    }

    /** A final caption with the words given. */
    public OutputEvent caption(
            int channel, double start, double end, String text, List<Word> words) {
        Caption caption =
                Caption.newBuilder()
                        .setFinality(Finality.FINAL)
                        .setUtterance(sequence)
                        .setText(text)
                        .setWords(words)
                        .setLanguage("en")
                        .setChannel(channel)
                        .setConfidence(0.875f)
                        .build();
        return OutputEvent.newBuilder()
                .setSession("s")
                .setStream(Stream.CAPTIONS)
                .setSequence(sequence++)
                .setStartUs(Math.round(start * 1e6))
                .setEndUs(Math.round(end * 1e6))
                .setEmittedTimeUs(1)
                .setPayload(caption)
                .build();
    }

    /** A word, in seconds. */
    public static Word word(String text, double start, double end) {
        return new Word(text, Math.round(start * 1e6), Math.round(end * 1e6), 0.9f);
    }
}
