package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChaosScheduleTest {
    private static final int SERVICES = 5;

    private static ChaosSchedule schedule(long seed, int faults) {
        return ChaosSchedule.of(seed, faults, 2_500L * faults, SERVICES);
    }

    @Test
    void shouldBeTheSameWhenTheSeedIs() {
        assertThat(schedule(7, 250)).isEqualTo(schedule(7, 250));
        assertThat(schedule(7, 250).toString()).isEqualTo(schedule(7, 250).toString());
        assertThat(schedule(8, 250).faults()).isNotEqualTo(schedule(7, 250).faults());
    }

    @Test
    void shouldBeginAsEverWhenTheSeedIsKnown() {
        // a seed that somebody wrote down must still mean the same
        assertThat(schedule(1, 3).faults().stream().map(ChaosFault::toString))
                .containsExactly(
                        "   1.485 s  RESTART_SERVICE 4, 230 ms",
                        "   4.459 s  QUOTA_PROVIDER, 3126 ms",
                        "   5.153 s  RESTART_BROKER, 357 ms");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, Long.MAX_VALUE})
    void shouldHaveEveryKindWhenTheDeckWasDealtTwice(long seed) {
        int cards = Stream.of(ChaosKind.values()).mapToInt(ChaosKind::cards).sum();

        assertThat(schedule(seed, 2 * cards).faults().stream()
                        .map(ChaosFault::kind)
                        .collect(Collectors.toSet()))
                .isEqualTo(EnumSet.allOf(ChaosKind.class));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 24, 260})
    void shouldHaveAsManyFaultsAsAskedForInTheOrderOfTimeWithinTheSpan(int count) {
        ChaosSchedule schedule = schedule(3, count);

        assertThat(schedule.faults()).hasSize(count).isSortedAccordingTo(Comparator.comparing(ChaosFault::atMillis));
        assertThat(schedule.faults())
                .allMatch(fault -> fault.atMillis() < 2_500L * count)
                .allMatch(fault -> fault.service() < SERVICES)
                .allMatch(fault -> fault.lastsMillis() >= fault.kind().leastMillis())
                .allMatch(fault -> fault.lastsMillis() <= fault.kind().mostMillis());
    }

    @Test
    void shouldDoOneThingAtATimeWhenItIsDoneToTheSame() {
        List<ChaosFault> faults = schedule(5, 300).faults();
        for (int service = 0; service < SERVICES; service++) {
            int one = service;
            assertApart(faults.stream()
                    .filter(fault -> fault.kind().target() == ChaosKind.Target.SERVICE && fault.service() == one)
                    .toList());
        }
        for (ChaosKind.Target target : List.of(ChaosKind.Target.BROKER, ChaosKind.Target.PROVIDER)) {
            assertApart(faults.stream()
                    .filter(fault -> fault.kind().target() == target)
                    .toList());
        }
    }

    private static void assertApart(List<ChaosFault> faults) {
        List<ChaosFault> tooSoon = new ArrayList<>();
        for (int i = 1; i < faults.size(); i++) {
            if (faults.get(i).atMillis() < faults.get(i - 1).endMillis()) {
                tooSoon.add(faults.get(i));
            }
        }
        assertThat(faults).hasSizeGreaterThan(5);
        assertThat(tooSoon).isEmpty();
    }
}
