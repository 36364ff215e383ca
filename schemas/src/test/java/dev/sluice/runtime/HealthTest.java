package dev.sluice.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HealthTest {
    @Test
    void shouldGiveTheFailureItselfWhenTheFutureIsACopy() {
        GivenService service = new GivenService();
        service.ended.completeExceptionally(new IllegalStateException("no"));

        assertThat(Health.after(service.ended.copy())).isEqualTo(Health.after(service.ended));
    }

    @Test
    void shouldRefuseWhatContradictsItself() {
        assertThatThrownBy(() -> new Health(false, true, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Health(true, false, "")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Health(true, true, "why")).isInstanceOf(IllegalArgumentException.class);
    }
}
