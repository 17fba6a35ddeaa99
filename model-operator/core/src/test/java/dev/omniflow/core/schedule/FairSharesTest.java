package dev.omniflow.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FairSharesTest {
    private final FairShares shares = new FairShares();

    @Test
    void aNewcomerBeginsWithTheLeastServedThatWaits() {
        shares.arrived("a");
        shares.arrived("b");
        shares.charge("a", 100);
        shares.charge("b", 30);
        shares.settle();
        shares.arrived("c");
        assertThat(shares.served("c")).isEqualTo(30);
    }

    @Test
    void whoComesBackAtOnceAnswersForWhatItHad() {
        shares.arrived("a");
        shares.arrived("b");
        serve("a", 100);
        shares.arrived("a");
        assertThat(shares.served("a")).isEqualTo(100);
    }

    @Test
    void whoComesBackLateHasSavedNothing() {
        shares.arrived("a");
        shares.arrived("b");
        shares.arrived("b");
        serve("a", 10);
        serve("b", 500);
        shares.arrived("a");
        assertThat(shares.served("a")).isEqualTo(shares.served("b")).isEqualTo(500);
    }

    @Test
    void whoeverWasServedAloneIsNobodysDebtor() {
        shares.arrived("a");
        serve("a", 1000);
        shares.arrived("b");
        shares.arrived("a");
        assertThat(shares.served("b")).isEqualTo(shares.served("a"));
    }

    @Test
    void knowsOnlyWhoWaitsOrHasToAnswer() {
        shares.arrived("a");
        serve("a", 1000);
        assertThatThrownBy(() -> shares.served("a"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no call of tenant a waits");
    }

    private void serve(String tenant, long nanos) {
        shares.charge(tenant, nanos);
        shares.gone(tenant);
        shares.settle();
    }
}
