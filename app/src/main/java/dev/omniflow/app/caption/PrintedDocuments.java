package dev.omniflow.app.caption;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.omniflow.app.Console;
import dev.omniflow.sinks.captions.CaptionFormat;
import java.util.ArrayList;
import java.util.List;

/**
 * The captions of several files on one output: grouped by file, in the order of the files, though
 * they come all at once. The first file that is not finished is printed as it comes, the others are
 * held until it is their turn.
 *
 * <p>With more than one file each group says whose it is: WebVTT by a NOTE, under one header; JSON
 * lines by the key {@code file}; plain text by a line {@code # name}. SubRip has no place for it;
 * its groups follow each other, each numbered from 1.
 *
 * <p>Thread-safe.
 */
final class PrintedDocuments {
    private static final String VTT_HEADER = "WEBVTT\n\n";

    private final Console console;
    private final CaptionFormat format;
    private final List<Document> documents = new ArrayList<>();
    private int turn;
    private boolean anythingPrinted;

    /**
     * @param names what the files are called, in order
     */
    PrintedDocuments(Console console, CaptionFormat format, List<String> names) {
        this.console = console;
        this.format = format;
        names.forEach(name -> documents.add(new Document(documents.size(), name)));
    }

    /** Where the captions of a file go. */
    CaptionTarget target(int index) {
        return documents.get(index);
    }

    private synchronized void append(Document document, String text) {
        if (document.index == turn) {
            print(document, text);
        } else {
            document.held.append(text);
        }
    }

    private synchronized void end(Document document) {
        document.ended = true;
        while (turn < documents.size() && documents.get(turn).ended) {
            turn++;
            if (turn < documents.size()) {
                Document next = documents.get(turn);
                String held = next.held.toString();
                next.held.setLength(0);
                print(next, held);
            }
        }
    }

    private void print(Document document, String text) {
        if (text.isEmpty()) {
            return;
        }
        String marked = documents.size() == 1 ? text : marked(document, text);
        document.begun = true;
        anythingPrinted = true;
        console.print(marked);
    }

    private String marked(Document document, String text) {
        String name = document.name.replaceAll("\\R", " ");
        boolean first = !document.begun;
        return switch (format) {
            case VTT -> {
                if (!first || !text.startsWith(VTT_HEADER)) {
                    yield text;
                }
                yield (anythingPrinted ? "" : VTT_HEADER)
                        + "NOTE "
                        + name.replace("-->", "->")
                        + "\n\n"
                        + text.substring(VTT_HEADER.length());
            }
            case SRT -> text;
            case TXT -> first ? (anythingPrinted ? "\n" : "") + "# " + name + "\n" + text : text;
            case JSONL -> {
                String key =
                        "{\"file\":\""
                                + new String(JsonStringEncoder.getInstance().quoteAsString(name))
                                + "\",";
                yield text.lines()
                        .map(line -> key + line.substring(1) + "\n")
                        .reduce("", String::concat);
            }
        };
    }

    /** The captions of one file. */
    private final class Document implements CaptionTarget, Appendable {
        private final int index;
        private final String name;
        private final StringBuilder held = new StringBuilder();
        private boolean begun;
        private boolean ended;

        Document(int index, String name) {
            this.index = index;
            this.name = name;
        }

        @Override
        public Appendable out() {
            return this;
        }

        @Override
        public Appendable append(CharSequence text) {
            PrintedDocuments.this.append(this, text.toString());
            return this;
        }

        @Override
        public Appendable append(CharSequence text, int start, int end) {
            return append(text.subSequence(start, end));
        }

        @Override
        public Appendable append(char character) {
            return append(String.valueOf(character));
        }

        @Override
        public void complete() {
            end(this);
        }

        @Override
        public void close() {
            end(this);
        }
    }
}
