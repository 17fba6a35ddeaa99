package dev.omniflow.core.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleIdTest {
    @Property(tries = 200)
    void readsWhatItWrites(
            @ForAll @AlphaChars @NumericChars @StringLength(min = 1, max = 12) String name,
            @ForAll @AlphaChars @NumericChars @StringLength(min = 1, max = 12) String version) {
        BundleId id = new BundleId(name, version);
        assertThat(BundleId.parse(id.toString())).isEqualTo(id).isEqualByComparingTo(id);
    }

    @Test
    void isOrderedByNameThenVersion() {
        assertThat(BundleId.parse("a@2")).isLessThan(BundleId.parse("b@1"));
        assertThat(BundleId.parse("a@1")).isLessThan(BundleId.parse("a@2"));
    }

    /** A bundle's name becomes the name of a folder. */
    @ParameterizedTest
    @ValueSource(
            strings = {"whisper", "@1", "whisper@", "../up@1", "a/b@1", "a@1@2", "a b@1", ".@1"})
    void refusesWhatIsNotOne(String text) {
        assertThatThrownBy(() -> BundleId.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a bundle is written name@version")
                .hasMessageContaining(text);
    }
}
