package dev.sluice.cli;

import dev.sluice.runtime.TrustSettings;
import dev.sluice.schemas.Trust;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/**
 * The keys that a command signs versions and deployments with, and trusts: the services' own two settings, in the file of
 * {@code --command-config} or the environment.
 *
 * @param trusted as {@link TrustSettings#TRUSTED_KEYS} has them; empty: all versions and deployments count
 * @param signing a file; empty: nothing is signed
 */
record ModelKeys(String trusted, String signing) {
    /** @param settings go before the environment */
    static ModelKeys among(Map<String, ?> settings, Map<String, String> environment) {
        return new ModelKeys(
                value(settings, environment, TrustSettings.TRUSTED_KEYS),
                value(settings, environment, TrustSettings.SIGNING_KEY));
    }

    private static String value(Map<String, ?> settings, Map<String, String> environment, String name) {
        Object set = settings.get(name);
        return set != null
                ? set.toString()
                : environment.getOrDefault(
                        "SLUICE_" + name.toUpperCase(java.util.Locale.ROOT).replace('.', '_'), "");
    }

    /** What is left are settings of Kafka's clients. */
    static Map<String, Object> withoutThem(Map<String, Object> settings) {
        Map<String, Object> rest = new HashMap<>(settings);
        rest.keySet().removeAll(TrustSettings.NAMES);
        return rest;
    }

    ModelKeys signingWith(Path file) {
        return new ModelKeys(trusted, file.toString());
    }

    /** @throws CommandException if a key cannot be read, or ours is not trusted */
    Trust trust() {
        try {
            return TrustSettings.of(trusted, signing);
        } catch (ConfigException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    /** For a service's configuration. */
    Map<String, String> asSettings() {
        return Map.of(TrustSettings.TRUSTED_KEYS, trusted, TrustSettings.SIGNING_KEY, signing);
    }
}
