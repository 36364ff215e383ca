package dev.sluice.runtime;

import java.util.HashMap;
import java.util.Map;

/** The settings that all services share, and no others. */
final class GivenConfig extends ServiceConfig {
    GivenConfig(Map<String, String> settings) {
        super(commonSettings(), withServers(settings));
    }

    private static Map<String, String> withServers(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("bootstrap.servers", "a:1,b:2"));
        all.putAll(settings);
        return all;
    }
}
