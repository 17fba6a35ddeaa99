package dev.omniflow.app.bench.operator;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DigestsTest {
    @Test
    void sessionsOverTheSameSoundAgreeInEveryWay() {
        Digests digests = new Digests();
        assertThatCode(
                        () -> {
                            digests.check("the operator", 3, 42);
                            digests.check("the bare loop", 3, 42);
                            digests.check("async I/O", 3 + Sound.COUNT, 42);
                            digests.check("async I/O", 4, 43);
                        })
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> digests.check("async I/O", 3, 41))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("session 3")
                .hasMessageContaining("async I/O");
    }
}
