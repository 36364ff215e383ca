package dev.sluice.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import picocli.CommandLine.Model.CommandSpec;

/**
 * How far a long job is. On a screen one line that is drawn over, ten times a second at most; in a file a plain line
 * now and then, so that a log of hours stays short. Who works draws it: no thread of its own. Not thread-safe.
 */
final class ProgressLine {
    private static final Duration REDRAWN = Duration.ofMillis(100);
    private static final Duration LOGGED = Duration.ofSeconds(30);
    private static final int BAR = 30;

    private final PrintWriter out;
    private final Display display;
    private final LongSupplier nanoTime;
    private final String task;
    private final String unit;
    private final long total;
    private final long started;
    private long drawn;
    private boolean onScreen;

    /**
     * @param nanoTime as {@link System#nanoTime}
     * @param task what is done
     * @param unit of what it is done to, in the plural
     * @param total how many, 1 or more
     */
    ProgressLine(PrintWriter out, Display display, LongSupplier nanoTime, String task, String unit, long total) {
        this.out = out;
        this.display = display;
        this.nanoTime = nanoTime;
        this.task = task;
        this.unit = unit;
        this.total = Math.max(1, total);
        this.started = nanoTime.getAsLong();
        this.drawn = started;
    }

    /** Of a command, where its process says what is wrong: beside what it prints. See the constructor. */
    static ProgressLine of(CommandSpec command, String task, String unit, long total) {
        return new ProgressLine(
                command.commandLine().getErr(), Display.ofProcess(), System::nanoTime, task, unit, total);
    }

    /** So many are done; draws if it is time to. */
    void at(long done) {
        long now = nanoTime.getAsLong();
        if (now - drawn < (display.moving() ? REDRAWN : LOGGED).toNanos()) {
            return;
        }
        drawn = now;
        String line = text(done, Duration.ofNanos(now - started));
        if (display.moving()) {
            onScreen = true;
            out.print("\r" + line + "\u001b[K"); // the escape sequence clears what is left of a longer line
            out.flush();
        } else {
            out.println(line);
        }
    }

    /** Takes the line off the screen: what follows says what came of it. */
    void clear() {
        if (onScreen) {
            onScreen = false;
            out.print("\r\u001b[K");
            out.flush();
        }
    }

    /** Task, bar, count, rate, and the time left at that rate. */
    private String text(long done, Duration elapsed) {
        double rate = done / Math.max(1e-3, elapsed.toNanos() / 1e9);
        String left = done == 0 || done < total / 20
                ? "" // the first ones tell little: models are loaded, connections are made
                : "   " + Figures.time(Duration.ofMillis((long) (1000 * Math.max(0, total - done) / rate))) + " left";
        String numbers = Figures.count(done) + "/" + Figures.count(total) + " " + unit + "   " + rateText(rate) + left;
        String line = task + " " + (display.moving() ? bar(done) + " " : "") + numbers;
        return line.substring(0, Math.min(line.length(), display.width() - 1)); // a longer one would wrap
    }

    private String bar(long done) {
        int filled = (int) (Math.min(done, total) * BAR / total);
        return "━".repeat(filled) + "╌".repeat(BAR - filled);
    }

    private static String rateText(double rate) {
        return rate < 10 ? String.format(Locale.ROOT, "%.1f/s", rate) : Figures.count(Math.round(rate)) + "/s";
    }
}
