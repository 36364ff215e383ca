package dev.sluice.classifier;

import dev.sluice.runtime.ServiceMain;
import dev.sluice.runtime.Settings;
import java.time.Clock;

/** The classifier as a process; its one argument, if any, is a properties file. */
public final class ClassifierMain {
    private ClassifierMain() {}

    public static void main(String[] args) throws InterruptedException {
        ServiceMain.main(
                "classifier",
                () -> new ClassifierConfig(Settings.of(args, System.getenv())),
                (config, registry) -> ClassifierService.start(config, Clock.systemUTC(), registry));
    }
}
