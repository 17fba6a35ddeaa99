package dev.omniflow.flink.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.omniflow.core.schedule.SchedulerOptions;
import dev.omniflow.flink.Inference;
import dev.omniflow.flink.InferenceProvider;
import dev.omniflow.testkit.FakeGraphRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedInferenceTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /** Opens fakes and counts how many are open. */
    private static final class Provider implements InferenceProvider<String, String> {
        private static final long serialVersionUID = 1;

        private final String key = "shared-" + NUMBERS.incrementAndGet();
        private final Duration keepFor;
        private final transient AtomicInteger opened = new AtomicInteger();
        private final transient List<Inference<String, String>> inferences = new ArrayList<>();

        Provider(Duration keepFor) {
            this.keepFor = keepFor;
        }

        @Override
        public String key() {
            return key;
        }

        @Override
        public Duration keepFor() {
            return keepFor;
        }

        @Override
        public Inference<String, String> open() {
            opened.incrementAndGet();
            Inference<String, String> inference =
                    new Inference<>(
                            (context, snapshot, retained) -> {
                                throw new UnsupportedOperationException("no session here");
                            },
                            new FakeGraphRuntime(),
                            Optional.empty(),
                            SchedulerOptions.ofLanes(1));
            inferences.add(inference);
            return inference;
        }

        boolean closed(int opening) {
            try {
                inferences.get(opening).scheduler().trySeat();
                return false;
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("the scheduler is closed");
                return true;
            }
        }
    }

    @Test
    void theLastThatLeavesClosesIt() throws Exception {
        Provider provider = new Provider(Duration.ZERO);
        Inference<String, String> first = SharedInference.acquire(provider);
        Inference<String, String> second = SharedInference.acquire(provider);
        assertThat(second).isSameAs(first);

        SharedInference.release(provider, first);
        assertThat(provider.closed(0)).isFalse();
        SharedInference.release(provider, second);
        assertThat(provider.closed(0)).isTrue();
    }

    @Test
    void whoComesBackInTimeFindsItOpen() throws Exception {
        Provider provider = new Provider(Duration.ofHours(1));
        Inference<String, String> before = SharedInference.acquire(provider);
        SharedInference.release(provider, before);
        assertThat(provider.closed(0)).isFalse();

        Inference<String, String> after = SharedInference.acquire(provider);
        assertThat(after).isSameAs(before);
        assertThat(provider.opened).hasValue(1);
        SharedInference.release(provider, after);
    }

    @Test
    void whatNobodyComesBackForIsClosedInTheEnd() throws Exception {
        Provider provider = new Provider(Duration.ofMillis(20));
        SharedInference.release(provider, SharedInference.acquire(provider));
        // Coming and going again, it is the later leave that counts.
        SharedInference.release(provider, SharedInference.acquire(provider));

        while (!provider.closed(0)) {
            Thread.sleep(5);
        }
        SharedInference.release(provider, SharedInference.acquire(provider));
        assertThat(provider.opened).hasValue(2);
    }

    @Test
    void whatIsCondemnedIsNotFoundAgain() throws Exception {
        Provider provider = new Provider(Duration.ofHours(1));
        Inference<String, String> lost = SharedInference.acquire(provider);
        Inference<String, String> neighbour = SharedInference.acquire(provider);
        SharedInference.condemn(provider, lost);
        SharedInference.condemn(provider, neighbour);

        Inference<String, String> fresh = SharedInference.acquire(provider);
        assertThat(fresh).isNotSameAs(lost);
        SharedInference.release(provider, lost);
        assertThat(provider.closed(0)).isFalse();
        SharedInference.release(provider, neighbour);
        assertThat(provider.closed(0)).isTrue();
        assertThat(provider.closed(1)).isFalse();
        SharedInference.release(provider, fresh);
        assertThatThrownBy(() -> SharedInference.release(provider, lost))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nobody holds the inference " + provider.key());
    }
}
