package dev.omniflow.ingest;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Makes and checks session ids: 1 to 128 characters out of {@code [A-Za-z0-9._:-]}. */
public final class SessionIds {
    private static final int MAX_LENGTH = 128;
    private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
    private static final Pattern FOREIGN = Pattern.compile("[^A-Za-z0-9._-]+");

    private SessionIds() {}

    /** Whether this can be the id of a session. */
    public static boolean isValid(String id) {
        return VALID.matcher(id).matches();
    }

    /**
     * The id itself.
     *
     * @throws IllegalArgumentException if it is no valid id
     */
    public static String check(String id) {
        if (!isValid(id)) {
            throw new IllegalArgumentException(
                    "a session id is 1 to 128 characters out of A-Z a-z 0-9 . _ : -, but this is \""
                            + id
                            + "\"");
        }
        return id;
    }

    /**
     * A readable id for a file of a run, {@code NAME:RUN}. The same name and run give the same id
     * on every machine; a name that had to be changed or cut carries a hash, so that names that
     * differ give ids that differ. Files of the same name in one run need run ids that differ.
     *
     * @param file the file; only its name counts
     * @param runId tells apart what is done with it; itself a valid id of at most 64 characters
     */
    public static String forFile(Path file, String runId) {
        check(runId);
        if (runId.length() > 64) {
            throw new IllegalArgumentException(
                    "a run id has at most 64 characters, but this has " + runId.length());
        }
        Path fileName = file.getFileName();
        String name = fileName == null ? "" : fileName.toString();
        String slug = FOREIGN.matcher(name).replaceAll("-");
        int room = MAX_LENGTH - runId.length() - 1;
        if (!slug.equals(name) || slug.isEmpty() || slug.length() > room) {
            String mark = "-" + hash(name);
            slug = slug.substring(0, Math.min(slug.length(), room - mark.length())) + mark;
        }
        return check(slug + ":" + runId);
    }

    private static String hash(String name) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
