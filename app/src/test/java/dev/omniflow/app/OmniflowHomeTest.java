package dev.omniflow.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OmniflowHomeTest {
    private static final Path USER = Path.of("/users/ada");

    @Test
    void isWhereTheEnvironmentSays() {
        OmniflowHome home =
                OmniflowHome.of(
                        Map.of("OMNIFLOW_HOME", "/data/omniflow", "XDG_CACHE_HOME", "/caches"),
                        "Linux",
                        USER);
        assertThat(home.root()).isEqualTo(Path.of("/data/omniflow"));
    }

    @Test
    void isElseTheCacheFolderOfThePlatform() {
        assertThat(OmniflowHome.of(Map.of(), "Linux", USER).root())
                .isEqualTo(USER.resolve(".cache/omniflow"));
        assertThat(OmniflowHome.of(Map.of("XDG_CACHE_HOME", "/caches"), "Linux", USER).root())
                .isEqualTo(Path.of("/caches/omniflow"));
        assertThat(OmniflowHome.of(Map.of("XDG_CACHE_HOME", "/caches"), "Mac OS X", USER).root())
                .isEqualTo(USER.resolve("Library/Caches/omniflow"));
    }

    @Test
    void isAbsolute() {
        assertThat(OmniflowHome.of(Map.of("OMNIFLOW_HOME", "here"), "Linux", USER).root())
                .isAbsolute();
    }
}
