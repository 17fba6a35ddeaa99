package dev.omniflow.sinks.captions.internal;

import java.lang.Character.UnicodeScript;

/** How many columns a text takes on a screen. */
public final class TextWidth {
    private TextWidth() {}

    /** Columns of a text: 2 for a wide character, 0 for a mark that sits on another, else 1. */
    public static int of(CharSequence text) {
        return text.codePoints().map(TextWidth::of).sum();
    }

    /** Columns of one character. */
    public static int of(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
            default -> isWide(codePoint) ? 2 : 1;
        };
    }

    private static boolean isWide(int codePoint) {
        if (codePoint < 0x1100) {
            return false;
        }
        boolean fullWidthForms =
                (codePoint >= 0xFF01 && codePoint <= 0xFF60)
                        || (codePoint >= 0xFFE0 && codePoint <= 0xFFE6);
        boolean symbols = codePoint >= 0x3000 && codePoint <= 0x303E;
        boolean emoji = codePoint >= 0x1F300 && codePoint <= 0x1FAFF;
        if (fullWidthForms || symbols || emoji) {
            return true;
        }
        boolean halfWidthForms = codePoint >= 0xFF61 && codePoint <= 0xFFDC;
        UnicodeScript script = UnicodeScript.of(codePoint);
        return !halfWidthForms
                && (script == UnicodeScript.HAN
                        || script == UnicodeScript.HIRAGANA
                        || script == UnicodeScript.KATAKANA
                        || script == UnicodeScript.HANGUL
                        || script == UnicodeScript.BOPOMOFO);
    }
}
