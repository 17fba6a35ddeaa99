package dev.omniflow.app.bench.recovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.app.Console;

/** Writes a result, for programs or for people. */
final class Report {
    private Report() {}

    static void print(Console console, ObjectNode result, boolean json) {
        if (json) {
            console.print(result + "\n");
            return;
        }
        StringBuilder lines = new StringBuilder();
        result.properties()
                .forEach(
                        entry ->
                                lines.append(
                                        String.format(
                                                "%-20s %s%n",
                                                entry.getKey(), entry.getValue().asText())));
        console.print(lines.toString());
    }
}
