package dev.sluice.trainer;

import dev.sluice.runtime.ServiceMain;
import dev.sluice.runtime.Settings;
import java.time.Clock;

/** The trainer as a process. */
public final class TrainerMain {
    private TrainerMain() {}

    public static void main(String[] args) throws InterruptedException {
        ServiceMain.main(
                "trainer",
                () -> new TrainerConfig(Settings.of(args, System.getenv())),
                (config, registry) ->
                        TrainerService.start(config, Clock.systemUTC(), registry, TrainingListener.logging()));
    }
}
