package dev.sluice.cli;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the {@link GeminiServer} behaves. Every setting has a name and a default, the same in a test ({@link #of}) and on the
 * command line ({@code --name value}); a limit of 0 is none, and rates are shares of the calls, 0 to 1.
 *
 * @param port 0 for any that is free
 * @param requestsPerMinute that a window takes
 * @param tokensPerMinute that a window takes
 * @param requestsPerDay of the Pacific calendar
 * @param perItem whether each text of a batch counts as a request, or the call as one
 * @param window the server's minute
 * @param latency of each call
 * @param charactersPerToken by which the server counts tokens
 * @param key the only one that it knows; empty if it takes any
 * @param models that it has
 * @param retryInfo whether it says how long to wait
 * @param errors rate of calls answered with 500 or 503
 * @param drops rate of connections closed without an answer
 * @param halves rate of answers that break off
 * @param miscounts rate of answers with a vector too few or too many
 * @param seed of the faults
 * @param poison what no text may hold
 */
record GeminiSettings(
        int port,
        int requestsPerMinute,
        int tokensPerMinute,
        int requestsPerDay,
        boolean perItem,
        Duration window,
        Duration latency,
        double charactersPerToken,
        String key,
        Set<String> models,
        boolean retryInfo,
        double errors,
        double drops,
        double halves,
        double miscounts,
        long seed,
        String poison) {
    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("port", "0"),
            Map.entry("rpm", "0"),
            Map.entry("tpm", "0"),
            Map.entry("rpd", "0"),
            Map.entry("weight", "item"),
            Map.entry("window-ms", "60000"),
            Map.entry("latency-ms", "0"),
            Map.entry("characters-per-token", "4"),
            Map.entry("key", ""),
            Map.entry("models", "gemini-embedding-001,gemini-embedding-2"),
            Map.entry("retry-info", "true"),
            Map.entry("errors", "0"),
            Map.entry("drops", "0"),
            Map.entry("halves", "0"),
            Map.entry("miscounts", "0"),
            Map.entry("seed", "1"),
            Map.entry("poison", "POISON"));

    GeminiSettings {
        if (errors < 0 || drops < 0 || halves < 0 || miscounts < 0 || errors + drops + halves + miscounts > 1) {
            throw new IllegalArgumentException("rates are 0 or more, and at most 1 together");
        }
    }

    /** @param namesAndValues in turn; a name may begin with {@code --} */
    static GeminiSettings of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("each setting has a name and a value");
        }
        Map<String, String> all = new HashMap<>(DEFAULTS);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            String name = namesAndValues[i].replaceFirst("^--", "");
            if (all.replace(name, namesAndValues[i + 1]) == null) {
                throw new IllegalArgumentException("no setting is named " + name + "; there are "
                        + DEFAULTS.keySet().stream().sorted().toList());
            }
        }
        return new GeminiSettings(
                Integer.parseInt(all.get("port")),
                Integer.parseInt(all.get("rpm")),
                Integer.parseInt(all.get("tpm")),
                Integer.parseInt(all.get("rpd")),
                all.get("weight").equals("item"),
                Duration.ofMillis(Long.parseLong(all.get("window-ms"))),
                Duration.ofMillis(Long.parseLong(all.get("latency-ms"))),
                Double.parseDouble(all.get("characters-per-token")),
                all.get("key"),
                new HashSet<>(List.of(all.get("models").split(","))),
                Boolean.parseBoolean(all.get("retry-info")),
                Double.parseDouble(all.get("errors")),
                Double.parseDouble(all.get("drops")),
                Double.parseDouble(all.get("halves")),
                Double.parseDouble(all.get("miscounts")),
                Long.parseLong(all.get("seed")),
                all.get("poison"));
    }

    /** The server's own count, which no client knows beforehand. */
    int tokensOf(String text) {
        return Math.max(1, (int) Math.ceil(text.codePointCount(0, text.length()) / charactersPerToken));
    }
}
