package dev.sluice.trainer;

import dev.sluice.runtime.ServiceMain;
import dev.sluice.runtime.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;

/** The trainer as a process. */
public final class TrainerMain {
    private TrainerMain() {}

    public static void main(String[] args) throws InterruptedException {
        System.exit(ServiceMain.run(
                "trainer",
                () -> TrainerService.start(
                        new TrainerConfig(Settings.of(args, System.getenv())),
                        Clock.systemUTC(),
                        new SimpleMeterRegistry(),
                        TrainingListener.logging())));
    }
}
