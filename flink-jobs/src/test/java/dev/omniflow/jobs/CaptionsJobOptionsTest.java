package dev.omniflow.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;

class CaptionsJobOptionsTest {
    @Test
    void allListsEachOne() throws IllegalAccessException {
        List<Object> declared = new ArrayList<>();
        for (Field field : CaptionsJobOptions.class.getDeclaredFields()) {
            if (field.getType() == ConfigOption.class) {
                declared.add(field.get(null));
            }
        }

        assertThat(new ArrayList<Object>(CaptionsJobOptions.all())).isEqualTo(declared);
        assertThat(CaptionsJobOptions.all())
                .extracting(ConfigOption::key)
                .doesNotHaveDuplicates()
                .allMatch(key -> key.startsWith("omniflow."));
    }

    @Test
    void theDefaultsAreThese() {
        Configuration none = new Configuration();

        assertThat(none.getOptional(CaptionsJobOptions.BOOTSTRAP_SERVERS)).isEmpty();
        assertThat(none.getOptional(CaptionsJobOptions.BUNDLES)).isEmpty();
        assertThat(none.get(CaptionsJobOptions.ROLLOUTS)).isTrue();
        assertThat(none.get(CaptionsJobOptions.DEVICE)).isEqualTo("cpu");
        assertThat(none.get(CaptionsJobOptions.MAX_DEVICE_MEMORY).getBytes()).isZero();
        assertThat(none.get(CaptionsJobOptions.LANES)).isZero();
        assertThat(none.get(CaptionsJobOptions.THREADS_PER_CALL)).isEqualTo(1);
        assertThat(none.get(CaptionsJobOptions.MAX_PENDING_INPUTS)).isEqualTo(256);
        assertThat(none.get(CaptionsJobOptions.MAX_OUT_OF_ORDER)).isEqualTo(Duration.ofSeconds(1));
        assertThat(none.get(CaptionsJobOptions.IDLE_PARTITION)).isEqualTo(Duration.ofSeconds(5));
        assertThat(none.get(CaptionsJobOptions.TRANSACTION_TIMEOUT))
                .isEqualTo(Duration.ofMinutes(10));
        assertThat(none.get(CaptionsJobOptions.TRANSACTIONAL_ID_PREFIX))
                .isEqualTo("omniflow-captions");
    }

    @Test
    void theyAreReadFromText() {
        Configuration given =
                Configuration.fromMap(
                        Map.of(
                                "omniflow.kafka.bootstrap-servers", "a:1,b:2",
                                "omniflow.bundles", "/models/one;/models/two",
                                "omniflow.models.rollouts", "false",
                                "omniflow.inference.lanes", "3",
                                "omniflow.inference.threads-per-call", "2",
                                "omniflow.inference.max-pending-inputs", "7",
                                "omniflow.watermark.max-out-of-order", "250 ms",
                                "omniflow.watermark.idle-partition", "2 s",
                                "omniflow.kafka.transaction-timeout", "1 min",
                                "omniflow.kafka.transactional-id-prefix", "mine"));

        assertThat(given.get(CaptionsJobOptions.BOOTSTRAP_SERVERS)).isEqualTo("a:1,b:2");
        assertThat(given.get(CaptionsJobOptions.BUNDLES))
                .containsExactly("/models/one", "/models/two");
        assertThat(given.get(CaptionsJobOptions.ROLLOUTS)).isFalse();
        assertThat(given.get(CaptionsJobOptions.LANES)).isEqualTo(3);
        assertThat(given.get(CaptionsJobOptions.THREADS_PER_CALL)).isEqualTo(2);
        assertThat(given.get(CaptionsJobOptions.MAX_PENDING_INPUTS)).isEqualTo(7);
        assertThat(given.get(CaptionsJobOptions.MAX_OUT_OF_ORDER))
                .isEqualTo(Duration.ofMillis(250));
        assertThat(given.get(CaptionsJobOptions.IDLE_PARTITION)).isEqualTo(Duration.ofSeconds(2));
        assertThat(given.get(CaptionsJobOptions.TRANSACTION_TIMEOUT))
                .isEqualTo(Duration.ofMinutes(1));
        assertThat(given.get(CaptionsJobOptions.TRANSACTIONAL_ID_PREFIX)).isEqualTo("mine");
    }
}
