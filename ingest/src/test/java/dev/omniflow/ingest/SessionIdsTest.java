package dev.omniflow.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class SessionIdsTest {
    @Test
    void keepsPlainNames() {
        assertThat(SessionIds.forFile(Path.of("/a/b/talk-1.mp4"), "run7"))
                .isEqualTo("talk-1.mp4:run7");
    }

    @Test
    void marksNamesThatItChanges() {
        assertThat(SessionIds.forFile(Path.of("my talk.mp4"), "1"))
                .matches("my-talk\\.mp4-[0-9a-f]{8}:1")
                .isNotEqualTo(SessionIds.forFile(Path.of("my_talk.mp4"), "1"))
                .isNotEqualTo(SessionIds.forFile(Path.of("my  talk.mp4"), "1"));
        assertThat(SessionIds.forFile(Path.of("x".repeat(200)), "1")).hasSize(128);
    }

    @Property(tries = 200)
    void isAlwaysValidAndDeterministic(
            @ForAll @CharRange(from = ' ', to = '~') @StringLength(min = 1, max = 200)
                    String name) {
        Assume.that(name.indexOf('/') < 0);

        String id = SessionIds.forFile(Path.of(name), "r");

        assertThat(SessionIds.isValid(id)).isTrue();
        assertThat(SessionIds.forFile(Path.of("other", name), "r")).isEqualTo(id);
    }

    @Test
    void saysWhatAnIdIs() {
        assertThatThrownBy(() -> SessionIds.check("a b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a session id is 1 to 128 characters out of A-Z a-z 0-9 . _ : -, but this"
                                + " is \"a b\"");
    }
}
