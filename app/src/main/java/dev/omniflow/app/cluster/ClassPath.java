package dev.omniflow.app.cluster;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/**
 * The class path of this process, for its children: one short name, however many jars there are.
 *
 * @param argument what stands after {@code -cp}
 * @param options of the virtual machine that go with it
 */
record ClassPath(String argument, List<String> options) {
    /**
     * The class path of this process.
     *
     * @param folder where a jar may be written that names the others
     */
    static ClassPath ofThisProcess(Path folder) throws IOException {
        String own = System.getProperty("java.class.path", "");
        if (!own.contains(File.pathSeparator)) {
            // The jar of the app, whose manifest names the rest. The archive of its classes is
            // good for the same class path only, hence only here.
            return new ClassPath(Path.of(own).toAbsolutePath().toString(), archive());
        }
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, urls(own));
        Path jar = folder.resolve("class-path.jar");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest)) {
            entries.finish();
        }
        return new ClassPath(jar.toString(), List.of());
    }

    private static String urls(String classPath) {
        List<String> parts = new ArrayList<>(List.of(classPath.split(File.pathSeparator, -1)));
        parts.removeIf(String::isBlank);
        return parts.stream()
                .map(part -> Path.of(part).toAbsolutePath().toUri().toString())
                .collect(Collectors.joining(" "));
    }

    private static List<String> archive() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-XX:SharedArchiveFile="))
                .toList();
    }
}
