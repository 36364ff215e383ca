package dev.sluice.classifier;

import dev.sluice.runtime.ServiceMain;
import dev.sluice.runtime.Settings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;

/** The classifier as a process; its one argument, if any, is a properties file. */
public final class ClassifierMain {
    private ClassifierMain() {}

    public static void main(String[] args) throws InterruptedException {
        System.exit(ServiceMain.run(
                "classifier",
                () -> ClassifierService.start(
                        new ClassifierConfig(Settings.of(args, System.getenv())),
                        Clock.systemUTC(),
                        new SimpleMeterRegistry())));
    }
}
