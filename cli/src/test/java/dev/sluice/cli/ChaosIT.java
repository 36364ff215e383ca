package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.EmbeddingSpace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything breaks, by chance, for a minute, or with {@code -Plong} for a quarter of an hour. {@code -Dchaos.seed=N} plays a
 * schedule again, {@code -Dchaos.posts=N} and {@code -Dchaos.faults=N} make it longer or shorter. What was done when, and what
 * the processes said, lies in {@code target/chaos}.
 */
class ChaosIT {
    private static final int POSTS = Integer.getInteger("chaos.posts", 6_000);
    private static final int FAULTS = Integer.getInteger("chaos.faults", 24);
    private static final int MILLIS_A_FAULT = Integer.getInteger("chaos.millis.a.fault", 2_300);
    private static final long SEED = Long.getLong("chaos.seed", System.nanoTime() % 1_000_000);

    @TempDir
    Path folder;

    @Test
    void shouldLoseNothingAndDoubleNothingWhenEverythingBreaks() throws Exception {
        Duration span = Duration.ofMillis((long) FAULTS * MILLIS_A_FAULT);
        ChaosSchedule schedule = ChaosSchedule.of(SEED, FAULTS, span.toMillis(), ChaosSite.SERVICES);
        System.out.println(schedule);
        try (ChaosLog log = ChaosLog.in(Path.of("target", "chaos", "seed-" + SEED));
                ChaosRun run = new ChaosRun(folder, log)) {
            log.event(schedule.toString());
            EmbeddingSpace space = run.begin();
            run.play(schedule, space, POSTS, span);
            run.settle(space);

            ChaosReport report = run.report();
            System.out.println("seed " + SEED + ", " + FAULTS + " faults: " + kindsOf(schedule) + "\n" + report);
            log.event(report.toString());
            assertThat(report.isClean()).as("seed %s:%n%s", SEED, report).isTrue();
            assertThat(report.refusedPosts()).isZero();
            Map<ChaosKind, Integer> kinds = kindsOf(schedule);
            assertThat(report.poison())
                    .isEqualTo(ChaosPoison.POSTS_A_BATCH * kinds.getOrDefault(ChaosKind.POISON_POSTS, 0));
            assertThat(report.badRecords())
                    .isEqualTo(ChaosPoison.LABELS_A_BATCH * kinds.getOrDefault(ChaosKind.BAD_LABELS, 0)
                            + ChaosPoison.MODELS_A_BATCH * (2 + kinds.getOrDefault(ChaosKind.BAD_MODEL, 0))
                            + ChaosPoison.DEPLOYMENTS_A_BATCH * (1 + kinds.getOrDefault(ChaosKind.BAD_DEPLOYMENT, 0)));
            assertThat(report.embedded()).isGreaterThanOrEqualTo(POSTS);
            assertThat(run.liveVersion()).contains(2);
            assertThat(run.missedByFinalVersion()).isZero();
            assertThat(log.failures()).as("seed %s, see %s", SEED, log.folder()).isEmpty();
        }
    }

    private static Map<ChaosKind, Integer> kindsOf(ChaosSchedule schedule) {
        Map<ChaosKind, Integer> kinds = new EnumMap<>(ChaosKind.class);
        schedule.faults().forEach(fault -> kinds.merge(fault.kind(), 1, Integer::sum));
        return kinds;
    }
}
