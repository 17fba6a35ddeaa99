package dev.omniflow.sinks.captions.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.schemas.Word;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** A caption as a JSON object on a line. Its keys are documented at CaptionFormat. */
public final class JsonLine implements LineWriter.Line {
    private final JsonFactory json = new JsonFactory();

    @Override
    public String of(OutputEvent event, Caption caption) throws IOException {
        StringWriter line = new StringWriter();
        try (JsonGenerator out = json.createGenerator(line)) {
            out.writeStartObject();
            out.writeNumberField("utterance", caption.getUtterance());
            out.writeNumberField("channel", caption.getChannel());
            out.writeNumberField("start", seconds(event.getStartUs()));
            out.writeNumberField("end", seconds(event.getEndUs()));
            out.writeStringField("text", caption.getText());
            out.writeStringField("language", caption.getLanguage());
            out.writeNumberField("confidence", confidence(caption.getConfidence()));
            out.writeArrayFieldStart("words");
            for (Word word : caption.getWords()) {
                out.writeStartObject();
                out.writeStringField("text", word.getText());
                out.writeNumberField("start", seconds(word.getStartUs()));
                out.writeNumberField("end", seconds(word.getEndUs()));
                out.writeNumberField("confidence", confidence(word.getConfidence()));
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeStringField("speaker", caption.getSpeaker());
            out.writeEndObject();
        }
        return line.append('\n').toString();
    }

    private static BigDecimal seconds(long us) {
        return BigDecimal.valueOf(us, 6).setScale(3, RoundingMode.HALF_UP);
    }

    private static BigDecimal confidence(float value) {
        // JSON has no NaN: what is no number is no confidence.
        float known = Float.isFinite(value) ? value : 0;
        return BigDecimal.valueOf(known).setScale(4, RoundingMode.HALF_UP);
    }
}
