package dev.sluice.models;

import dev.sluice.runtime.TrustSettings;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Trust;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/**
 * Whose versions and deployments a {@code kafka://} preset takes: the services' own setting {@code models.trusted.keys}, among
 * those of the client, so that one file does for all. Nothing is signed here, so no signing key is opened.
 */
record PresetTrust(Trust trust) {
    /**
     * @param settings of the client and, among them, those of keys
     * @throws InvalidPresetException if a key cannot be read
     */
    static PresetTrust among(Map<String, String> settings) {
        try {
            return new PresetTrust(TrustSettings.of(settings.getOrDefault(TrustSettings.TRUSTED_KEYS, ""), ""));
        } catch (ConfigException e) {
            throw new InvalidPresetException(e.getMessage(), e);
        }
    }

    /** What is left for the client. */
    static Map<String, String> withoutKeys(Map<String, String> settings) {
        Map<String, String> rest = new HashMap<>(settings);
        rest.keySet().removeAll(TrustSettings.NAMES);
        return rest;
    }

    /**
     * The same version, if it counts. Also its name is asked for: a signed version that somebody wrote again under another key
     * is not what was wanted.
     *
     * @param key that it lies under
     * @throws InvalidPresetException saying why it does not count, and what to do
     */
    ModelVersion checked(String key, ModelVersion version) {
        String itself = ModelVersions.keyOf(version.getClassifier(), version.getVersion());
        if (!itself.equals(key)) {
            throw new InvalidPresetException("under " + key + " lies a version that calls itself " + itself
                    + ": somebody wrote it there by hand; publish it again with 'sluice models import'");
        }
        try {
            trust.check(version);
            return version;
        } catch (InvalidModelException e) {
            throw new InvalidPresetException(key + " is refused: " + e.getMessage(), e);
        }
    }
}
