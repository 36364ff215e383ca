package dev.sluice.cli;

import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.RefusedReplayException;
import dev.sluice.classifier.Replay;
import dev.sluice.runtime.Settings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** A replay in a process of its own, so that a test can pull the plug. The argument is a file of the classifier's settings. */
final class ReplayRun {
    static final String NAME = "killed";

    /** So many in a transaction: few, so that a replay has many places to be killed at. */
    private static final int POSTS = 5;

    private ReplayRun() {}

    public static void main(String[] arguments) {
        ClassifierConfig config = new ClassifierConfig(Settings.ofFile(Path.of(arguments[0])));
        try (Replay replay = open(config)) {
            boolean more = true;
            for (int steps = 1; more; steps++) {
                more = replay.step();
                System.out.println("step " + steps + " done");
            }
        }
    }

    private static Replay open(ClassifierConfig config) {
        try {
            return Replay.resume(config, NAME, POSTS, Clock.systemUTC());
        } catch (RefusedReplayException e) { // there is none yet
            return Replay.begin(
                    config,
                    new Replay.Request(NAME, Instant.EPOCH, Optional.empty(), Optional.empty()),
                    POSTS,
                    Clock.systemUTC());
        }
    }
}
