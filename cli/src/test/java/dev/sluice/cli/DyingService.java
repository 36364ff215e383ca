package dev.sluice.cli;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * A service whose thread dies of an error when something is said to the process: the settings name the main class as
 * {@code test.main} and the thread as {@code test.thread}.
 */
final class DyingService {
    private DyingService() {}

    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of(args[0]))) {
            settings.load(reader);
        }
        String thread = (String) settings.remove("test.thread");
        String main = (String) settings.remove("test.main");
        Path file = Files.createTempFile(Path.of(args[0]).getParent(), "dying", ".properties");
        try (var out = Files.newBufferedWriter(file)) {
            settings.store(out, null);
        }
        Thread killer = new Thread(() -> killOnceRunning(thread, settings.getProperty("http.port")), "killer");
        killer.setDaemon(true);
        killer.start();
        Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) new String[] {file.toString()});
    }

    private static void killOnceRunning(String thread, String port) {
        Eventually.isTrue(
                () -> Probe.at(Integer.parseInt(port)).get("/health/ready").statusCode() == 200, () -> "not ready");
        System.out.println("the test kills " + kill(thread));
    }

    /**
     * Throws an error in a thread of this JVM, wherever it is.
     *
     * @param name of the thread; behind a {@code *}, the name's end
     * @return the whole name
     */
    @SuppressWarnings({"deprecation", "removal"}) // the one way to let a thread of a library die
    static String kill(String name) {
        Thread victim = Thread.getAllStackTraces().keySet().stream()
                .filter(it -> name.startsWith("*")
                        ? it.getName().endsWith(name.substring(1))
                        : it.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no thread " + name + " among "
                        + Thread.getAllStackTraces().keySet()));
        victim.stop();
        return victim.getName();
    }
}
