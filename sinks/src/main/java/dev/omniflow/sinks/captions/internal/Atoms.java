package dev.omniflow.sinks.captions.internal;

import dev.omniflow.schemas.Caption;
import dev.omniflow.schemas.Word;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Cuts the text of a caption into {@link Atom}s and times them by its words.
 *
 * <p>The text rules; words only lend their times. What no word covers is timed between its
 * neighbours, so that a text without words, or with others, loses nothing.
 */
public final class Atoms {
    private static final String SENTENCE_ENDS = ".?!…。？！｡؟۔।॥";
    private static final String CLAUSE_ENDS = ",;:—–，、；：،؛";
    private static final String CLOSERS = "\"'”’»)]}」』）】";

    /** A full stop after these, or after an initial, ends no sentence. */
    private static final Pattern TITLE =
            Pattern.compile("(?:\\p{Lu}|Mr|Mrs|Ms|Mme|Dr|Prof|St|Sr|Sra|Jr|vs)\\.");

    private Atoms() {}

    /**
     * The pieces of a caption, in order; times never fall.
     *
     * @param caption the caption
     * @param startUs begin of its media
     * @param endUs end of its media
     * @param maxWidth most columns of a piece: longer words are cut
     */
    public static List<Atom> of(Caption caption, long startUs, long endUs, int maxWidth) {
        String text = normalise(caption.getText());
        if (text.isEmpty()) {
            return List.of();
        }
        long[] times = times(text, caption.getWords(), startUs, Math.max(startUs, endUs));
        List<Atom> atoms = new ArrayList<>();
        BreakIterator breaks = BreakIterator.getLineInstance(Locale.ROOT);
        breaks.setText(text);
        int begin = breaks.first();
        for (int end = breaks.next(); end != BreakIterator.DONE; end = breaks.next()) {
            addPieces(atoms, text, begin, end, times, maxWidth);
            begin = end;
        }
        return atoms;
    }

    /** The text with every run of white space and control characters made one space. */
    public static String normalise(String text) {
        StringBuilder result = new StringBuilder(text.length());
        boolean space = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isBlank(c)) {
                space = result.length() > 0;
            } else {
                if (space) {
                    result.append(' ');
                    space = false;
                }
                result.append(c);
            }
        }
        return result.toString();
    }

    private static boolean isBlank(char c) {
        return Character.isWhitespace(c) || Character.isISOControl(c) || c == '\uFEFF';
    }

    private static void addPieces(
            List<Atom> atoms, String text, int begin, int end, long[] times, int maxWidth) {
        int last = end;
        while (last > begin && text.charAt(last - 1) == ' ') {
            last--;
        }
        int first = begin;
        while (first < last && text.charAt(first) == ' ') {
            first++;
        }
        if (first == last) {
            return;
        }
        boolean space = last < end;
        int from = first;
        while (TextWidth.of(text.substring(from, last)) > maxWidth) {
            int to = fitting(text, from, last, maxWidth);
            atoms.add(atom(text, from, to, false, Atom.Ending.FRAGMENT, times));
            from = to;
        }
        atoms.add(atom(text, from, last, space, ending(text.substring(from, last), space), times));
    }

    /** End of the longest run of whole characters, as people see them, that fits. */
    private static int fitting(String text, int from, int last, int maxWidth) {
        BreakIterator characters = BreakIterator.getCharacterInstance(Locale.ROOT);
        characters.setText(text.substring(from, last));
        int fits = 0;
        for (int end = characters.next(); end != BreakIterator.DONE; end = characters.next()) {
            if (TextWidth.of(text.substring(from, from + end)) > maxWidth) {
                break;
            }
            fits = end;
        }
        if (fits == 0) {
            // One character, as people see it, wider than a line: a code point must do.
            fits = Character.charCount(text.codePointAt(from));
        }
        return from + fits;
    }

    private static Atom atom(
            String text, int from, int to, boolean space, Atom.Ending ending, long[] times) {
        String piece = text.substring(from, to);
        return new Atom(
                piece, space, times[2 * from], times[2 * to - 1], ending, TextWidth.of(piece));
    }

    private static Atom.Ending ending(String piece, boolean space) {
        int end = piece.length();
        while (end > 1 && CLOSERS.indexOf(piece.charAt(end - 1)) >= 0) {
            end--;
        }
        char last = piece.charAt(end - 1);
        boolean title = last == '.' && TITLE.matcher(piece.substring(0, end)).matches();
        if (SENTENCE_ENDS.indexOf(last) >= 0 && !title) {
            return Atom.Ending.SENTENCE;
        }
        if (CLAUSE_ENDS.indexOf(last) >= 0) {
            return Atom.Ending.CLAUSE;
        }
        boolean wide = TextWidth.of(piece.codePointBefore(piece.length())) == 2;
        return space || wide ? Atom.Ending.WORD : Atom.Ending.FRAGMENT;
    }

    /**
     * Begin and end of every char of the text: {@code [2i]} and {@code [2i+1]}. A word's time is
     * spread evenly over its characters.
     */
    private static long[] times(String text, List<Word> words, long startUs, long endUs) {
        long[] times = new long[2 * text.length()];
        int timed = 0;
        int cursor = 0;
        long now = startUs;
        for (Word word : words) {
            String wanted = normalise(word.getText());
            int at = wanted.isEmpty() ? -1 : text.indexOf(wanted, cursor);
            if (at < 0) {
                continue;
            }
            long wordStart = Math.max(now, word.getStartUs());
            long wordEnd = Math.max(wordStart, word.getEndUs());
            spread(times, timed, at, now, wordStart);
            spread(times, at, at + wanted.length(), wordStart, wordEnd);
            cursor = at + wanted.length();
            timed = cursor;
            now = wordEnd;
        }
        spread(times, timed, text.length(), now, Math.max(now, endUs));
        return times;
    }

    private static void spread(long[] times, int from, int to, long startUs, long endUs) {
        int count = to - from;
        for (int i = 0; i < count; i++) {
            times[2 * (from + i)] = startUs + (endUs - startUs) * i / count;
            times[2 * (from + i) + 1] = startUs + (endUs - startUs) * (i + 1) / count;
        }
    }
}
