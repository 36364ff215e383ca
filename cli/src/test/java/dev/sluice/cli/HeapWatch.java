package dev.sluice.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a process of its own has on its heap after a collection, and how much of the machine's memory it takes, again and again. */
final class HeapWatch {
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final String name;
    private final long pid;
    private final List<Double> heaps = new ArrayList<>();
    private double mostResident;

    HeapWatch(String name, long pid) {
        this.name = name;
        this.pid = pid;
    }

    /** Makes the process collect, and notes what is left. */
    void look() throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process = new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        heaps.add(number(TOTAL, said) / 1e6);
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (Files.exists(status)) {
            mostResident = Math.max(mostResident, number(RESIDENT, Files.readString(status)) / 1e3);
        }
    }

    private double number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new AssertionError(name + " does not tell its memory: " + text);
        }
        return Double.parseDouble(matcher.group(1));
    }

    /** Of a quarter of all looks, 0 the first, in MB. */
    double median(int quarter) {
        List<Double> sorted = heaps.subList(heaps.size() * quarter / 4, heaps.size() * (quarter + 1) / 4).stream()
                .sorted()
                .toList();
        return sorted.get(sorted.size() / 2);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s: heap after a collection %.1f MB (second quarter) and %.1f MB (last), %.0f MB resident at most, %d looks",
                name,
                median(1),
                median(3),
                mostResident,
                heaps.size());
    }
}
