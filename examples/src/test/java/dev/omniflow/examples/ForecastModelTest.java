package dev.omniflow.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.omniflow.core.bundle.Bundle;
import dev.omniflow.core.bundle.BundleException;
import org.junit.jupiter.api.Test;

class ForecastModelTest {
    @Test
    void knowsWhatTheBundleSays() throws BundleException {
        ForecastModel model = ForecastModel.of(ExampleBundle.read());

        assertThat(model.graph()).hasToString("sensor-forecast@1.0.0/forecast");
        assertThat(model.units()).isEqualTo(32);
        assertThat(model.settlingReadings()).isEqualTo(48);
        assertThat(model.alarmFactor()).isEqualTo(6);
    }

    @Test
    void refusesABundleOfAnotherKind() throws BundleException {
        Bundle bundle = ExampleBundle.read();
        Bundle other =
                new Bundle(
                        bundle.id(),
                        bundle.directory(),
                        "voice-activity",
                        bundle.graphs(),
                        bundle.parameters());
        assertThatThrownBy(() -> ForecastModel.of(other))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("expected a bundle of kind 'forecast'")
                .hasMessageContaining("'voice-activity'");
    }

    @Test
    void refusesParametersThatCannotBe() throws BundleException {
        assertRefused("units", 0, "'units' of bundle sensor-forecast@1.0.0 must be a whole number");
        assertRefused("alarmFactor", -1, "must be a number above 0, not -1");
    }

    private static void assertRefused(String parameter, int value, String message)
            throws BundleException {
        Bundle bundle = ExampleBundle.read();
        ObjectNode parameters = bundle.parameters().deepCopy();
        parameters.put(parameter, value);
        Bundle changed =
                new Bundle(
                        bundle.id(),
                        bundle.directory(),
                        bundle.kind(),
                        bundle.graphs(),
                        parameters);
        assertThatThrownBy(() -> ForecastModel.of(changed))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining(message);
    }
}
