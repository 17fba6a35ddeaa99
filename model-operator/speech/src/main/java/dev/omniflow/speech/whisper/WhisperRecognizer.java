package dev.omniflow.speech.whisper;

import dev.omniflow.core.graph.GraphCache;
import dev.omniflow.core.graph.GraphCall;
import dev.omniflow.core.graph.GraphResult;
import dev.omniflow.core.graph.Tensor;
import dev.omniflow.speech.features.LogMel;
import dev.omniflow.speech.whisper.Transcript.TimedWord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Recognises one utterance, as a state machine without I/O:
 *
 * <pre>
 * ENCODE -> LISTEN (start of transcript: is it speech, which language?) -> WRITE (the first token, then token by
 * token) -> DONE
 * </pre>
 *
 * Ask it for {@link #nextCall}, hand it the result, until it is done. It keeps nothing that has to
 * survive: a new one for the same audio makes the same calls.
 */
public final class WhisperRecognizer implements AutoCloseable {
    /** OpenAI's thresholds: no speech if both say so. */
    private static final double NO_SPEECH_PROBABILITY = 0.6;

    private static final double NO_SPEECH_LOG_PROBABILITY = -1.0;

    /** Nobody speaks faster than this many tokens a second; and a few for short utterances. */
    private static final int TOKENS_PER_SECOND = 8;

    private static final int SPARE_TOKENS = 8;

    /** Silence after the speech that Whisper needs to know that it is over. */
    private static final int TRAILING_SILENCE_SAMPLES = LogMel.SAMPLE_RATE;

    /** Seconds of audio for which one frame of cross-attention stands. */
    private static final int FRAME_MS = 20;

    private static final Set<String> STEP_OUTPUTS = Set.of("token", "logprob", "alignment");

    private enum Phase {
        ENCODE,
        LISTEN,
        WRITE,
        DONE
    }

    private final WhisperModel model;
    private final RecognitionOptions options;
    private final float[] samples;
    private final GraphCache cache;
    private final int[] prompt;
    private final int maxTokens;
    private final List<Integer> tokens = new ArrayList<>();
    private final List<Float> logProbabilities = new ArrayList<>();
    private final List<float[]> alignment = new ArrayList<>();
    private Phase phase = Phase.ENCODE;
    private LanguageEvidence evidence;
    private String language = "en";
    private double noSpeechProbability;
    private int tokensRead;
    private boolean looped;

    /**
     * @param cache an empty cache; owned by this
     * @param samples the utterance with its padding, 16 kHz, -1 to 1, at most 30 s
     * @param evidence what earlier utterances said about the language
     */
    public WhisperRecognizer(
            WhisperModel model,
            RecognitionOptions options,
            GraphCache cache,
            float[] samples,
            LanguageEvidence evidence) {
        this.model = model;
        this.options = options;
        this.cache = cache;
        this.samples = samples;
        this.evidence = evidence;
        int[] bias = biasTokens();
        int wanted = (int) Math.ceil(seconds() * TOKENS_PER_SECOND) + SPARE_TOKENS;
        prompt = bias;
        maxTokens = Math.min(wanted, model.maxTextContext() - bias.length - 5);
    }

    /** Whether the transcript is there. */
    public boolean done() {
        return phase == Phase.DONE;
    }

    /** The call that it needs next. */
    public GraphCall nextCall(LogMel logMel) {
        return switch (phase) {
            case ENCODE -> encode(logMel);
            case LISTEN -> decode(withPrompt(), false, Set.of("logits"));
            case WRITE ->
                    tokens.isEmpty()
                            ? decode(task(), true, STEP_OUTPUTS)
                            : decode(
                                    new long[] {tokens.get(tokens.size() - 1)},
                                    false,
                                    STEP_OUTPUTS);
            case DONE ->
                    throw new IllegalStateException("the utterance is recognised: no call is left");
        };
    }

    /** Takes the result of the call that {@link #nextCall} gave last. */
    public void accept(GraphResult.Success result) {
        switch (phase) {
            case ENCODE -> phase = Phase.LISTEN;
            case LISTEN -> listen(result.output("logits").floats());
            case WRITE -> write(result);
            case DONE ->
                    throw new IllegalStateException(
                            "the utterance is recognised: no result is awaited");
        }
    }

    /**
     * What earlier utterances and this one say about the language; once the first token is asked
     * for.
     */
    public LanguageEvidence evidence() {
        return evidence;
    }

    /** What was said. */
    public Transcript transcript() {
        if (phase != Phase.DONE) {
            throw new IllegalStateException("the utterance is not recognised yet");
        }
        double mean = logProbabilities.stream().mapToDouble(Float::doubleValue).average().orElse(0);
        boolean silence =
                noSpeechProbability > NO_SPEECH_PROBABILITY && mean < NO_SPEECH_LOG_PROBABILITY;
        List<Integer> text = silence ? List.of() : tokens;
        return new Transcript(
                model.tokenizer().decode(text).strip(),
                text.isEmpty() ? List.of() : words(),
                language,
                (float) Math.exp(mean),
                tokensRead,
                tokens.size(),
                looped);
    }

    private double seconds() {
        return samples.length / (double) LogMel.SAMPLE_RATE;
    }

    private GraphCall encode(LogMel logMel) {
        int seconds = model.windowSeconds(samples.length + TRAILING_SILENCE_SAMPLES);
        int frames = seconds * LogMel.SAMPLE_RATE / LogMel.HOP;
        Tensor mel = Tensor.of(logMel.compute(samples, frames), 1, LogMel.BANDS, frames);
        return new GraphCall(
                model.encoder(),
                Map.of("mel", mel),
                Set.of(),
                model.encoderPlan(),
                Optional.of(cache));
    }

    private GraphCall decode(long[] input, boolean begin, Set<String> outputs) {
        tokensRead += input.length;
        Map<String, Tensor> inputs =
                Map.of(
                        "tokens",
                        Tensor.of(input, 1, input.length),
                        "begin",
                        Tensor.of(new float[] {begin ? 1 : 0}, 1));
        return new GraphCall(
                model.decoder(), inputs, outputs, model.decoderPlan(), Optional.of(cache));
    }

    private int[] biasTokens() {
        String text = options.biasText();
        if (text.isEmpty()) {
            return new int[0];
        }
        int[] all = model.tokenizer().encode(" " + text);
        // Half of the context at most; of too much text the end counts, as it stands next to the
        // speech.
        int most = model.maxTextContext() / 2 - 1;
        int kept = Math.min(all.length, most);
        int[] bias = new int[kept + 1];
        bias[0] = model.startOfPrevious();
        System.arraycopy(all, all.length - kept, bias, 1, kept);
        return bias;
    }

    private long[] withPrompt() {
        long[] input = new long[prompt.length + 1];
        for (int i = 0; i < prompt.length; i++) {
            input[i] = prompt[i];
        }
        input[prompt.length] = model.startOfTranscript();
        return input;
    }

    private long[] task() {
        if (model.languages().isEmpty()) {
            return new long[] {model.noTimestamps()};
        }
        return new long[] {
            model.languages().get(language), model.transcribe(), model.noTimestamps()
        };
    }

    private void listen(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        noSpeechProbability = Math.exp(logits[model.noSpeech()] - max) / sum;
        if (!model.languages().isEmpty()) {
            evidence =
                    evidence.with(
                            languageLogProbabilities(logits),
                            samples.length / (double) LogMel.SAMPLE_RATE);
            language = options.language().orElseGet(evidence::likeliest);
        }
        phase = Phase.WRITE;
    }

    private Map<String, Double> languageLogProbabilities(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (int token : model.languages().values()) {
            max = Math.max(max, logits[token]);
        }
        double sum = 0;
        for (int token : model.languages().values()) {
            sum += Math.exp(logits[token] - max);
        }
        double logSum = max + Math.log(sum);
        Map<String, Double> logProbabilities = new TreeMap<>();
        model.languages()
                .forEach((code, token) -> logProbabilities.put(code, logits[token] - logSum));
        return logProbabilities;
    }

    private void write(GraphResult.Success result) {
        int token = (int) result.output("token").longs()[0];
        logProbabilities.add(result.output("logprob").floats()[0]);
        alignment.add(lastPosition(result.output("alignment")));
        if (token == model.endOfText()) {
            phase = Phase.DONE;
            return;
        }
        tokens.add(token);
        int loopEnd = LoopGuard.loopEnd(tokens, seconds());
        if (loopEnd >= 0) {
            looped = true;
            tokens.subList(loopEnd, tokens.size()).clear();
        }
        if (looped || tokens.size() >= maxTokens) {
            logProbabilities.subList(tokens.size(), logProbabilities.size()).clear();
            alignment.subList(tokens.size(), alignment.size()).clear();
            phase = Phase.DONE;
        }
    }

    /**
     * The weights at the last position of {@code [1, heads, positions, frames]}, as {@code [heads *
     * frames]}.
     */
    private static float[] lastPosition(Tensor alignment) {
        int heads = (int) alignment.shape()[1];
        int positions = (int) alignment.shape()[2];
        int frames = (int) alignment.shape()[3];
        float[] all = alignment.floats();
        if (positions == 1) {
            return all;
        }
        float[] last = new float[heads * frames];
        for (int head = 0; head < heads; head++) {
            System.arraycopy(
                    all, ((head + 1) * positions - 1) * frames, last, head * frames, frames);
        }
        return last;
    }

    private List<TimedWord> words() {
        int stride =
                model.windowSeconds(samples.length + TRAILING_SILENCE_SAMPLES) * 1000 / FRAME_MS;
        int audioMs = samples.length * 1000 / LogMel.SAMPLE_RATE;
        int frames = Math.max(1, Math.min(stride, (audioMs + FRAME_MS - 1) / FRAME_MS));
        int heads = alignment.get(0).length / stride;
        int[] starts =
                WordAligner.tokenStarts(alignment.toArray(new float[0][]), heads, stride, frames);
        List<TimedWord> words = new ArrayList<>();
        for (WhisperTokenizer.Piece piece : model.tokenizer().words(tokens)) {
            String text = piece.text().strip();
            if (!text.isEmpty()) {
                int begin = starts[piece.first()] * FRAME_MS;
                int end = piece.end() < starts.length ? starts[piece.end()] * FRAME_MS : audioMs;
                double log =
                        logProbabilities.subList(piece.first(), piece.end()).stream()
                                .mapToDouble(Float::doubleValue)
                                .average()
                                .orElse(0);
                words.add(
                        new TimedWord(
                                text,
                                Math.min(begin, audioMs),
                                Math.min(Math.max(begin, end), audioMs),
                                (float) Math.exp(log)));
            }
        }
        return words;
    }

    @Override
    public void close() {
        cache.close();
    }
}
