package dev.omniflow.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the guide shows is what is compiled and tested here. */
class DocumentedCodeTest {
    private static final Path ROOT = Path.of("..");
    private static final Path GUIDE = ROOT.resolve("docs/using-the-operator.md");

    /** A block of code, with the file that the comment before it names. */
    private static final Pattern BLOCK =
            Pattern.compile(
                    "(?:<!-- from (?<file>\\S+) -->\\n)?```(?<language>\\w+)\\n(?<code>.*?)\\n```",
                    Pattern.DOTALL);

    private record Block(String file, String language, List<String> lines) {}

    private static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(GUIDE));
        while (matcher.find()) {
            String file = matcher.group("file");
            blocks.add(
                    new Block(
                            file == null ? "" : file,
                            matcher.group("language"),
                            matcher.group("code").lines().toList()));
        }
        return blocks;
    }

    @Test
    void everyBlockOfJavaNamesItsFile() throws IOException {
        assertThat(blocks()).filteredOn(block -> block.language().equals("java")).isNotEmpty();
        assertThat(blocks())
                .filteredOn(block -> block.language().equals("java"))
                .noneMatch(block -> block.file().isEmpty());
    }

    @Test
    void everyBlockIsAnExcerptOfItsFile() throws IOException {
        for (Block block : blocks()) {
            if (!block.file().isEmpty()) {
                assertThat(isExcerpt(block.lines(), Files.readAllLines(ROOT.resolve(block.file()))))
                        .as(
                                "%s is to hold these lines, as %s shows them:%n%s",
                                block.file(), GUIDE, String.join("\n", block.lines()))
                        .isTrue();
            }
        }
    }

    /** Whether the lines stand in the file one after another, all of them indented alike. */
    private static boolean isExcerpt(List<String> lines, List<String> file) {
        for (int from = 0; from + lines.size() <= file.size(); from++) {
            String first = file.get(from);
            if (first.endsWith(lines.get(0))) {
                String indent = first.substring(0, first.length() - lines.get(0).length());
                List<String> there = file.subList(from, from + lines.size());
                List<String> shown =
                        lines.stream().map(line -> line.isEmpty() ? "" : indent + line).toList();
                if (indent.isBlank() && there.equals(shown)) {
                    return true;
                }
            }
        }
        return false;
    }
}
