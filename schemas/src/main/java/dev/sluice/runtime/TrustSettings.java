package dev.sluice.runtime;

import dev.sluice.schemas.SigningKey;
import dev.sluice.schemas.Trust;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** The settings of those who read or write versions and deployments: which keys to trust, and which to sign with. */
public final class TrustSettings {
    public static final String TRUSTED_KEYS = "models.trusted.keys";
    public static final String SIGNING_KEY = "models.signing.key";

    public static final Set<String> NAMES = Set.of(TRUSTED_KEYS, SIGNING_KEY);

    private TrustSettings() {}

    /** @param signs what is signed, for the setting's text */
    public static ConfigDef addTo(ConfigDef definition, String signs) {
        return definition
                .define(
                        TRUSTED_KEYS,
                        ConfigDef.Type.LIST,
                        List.of(),
                        ConfigDef.ValidList.anyNonDuplicateValues(true, false),
                        ConfigDef.Importance.MEDIUM,
                        "Ed25519 public keys: only versions and deployments that one of them signed count. Each is the key in"
                                + " base64, or a PEM file, or a folder of PEM files; without any, all count. See"
                                + " docs/security.md.")
                .define(
                        SIGNING_KEY,
                        ConfigDef.Type.STRING,
                        "",
                        ConfigDef.Importance.MEDIUM,
                        "File with the Ed25519 private key (PKCS#8, PEM) that signs " + signs
                                + "; without one nothing is signed. `sluice keys new` makes one.");
    }

    /** @throws ConfigException naming the setting, if a key cannot be read, or ours is not trusted */
    public static Trust of(AbstractConfig config) {
        return of(config.getList(TRUSTED_KEYS), config.getString(SIGNING_KEY));
    }

    /**
     * For those who have texts and no configuration.
     *
     * @param trustedKeys separated by commas, or empty
     * @param signingKey a file, or empty
     * @throws ConfigException naming the setting, if a key cannot be read, or ours is not trusted
     */
    public static Trust of(String trustedKeys, String signingKey) {
        return of(
                Arrays.stream(trustedKeys.split(","))
                        .map(String::strip)
                        .filter(key -> !key.isEmpty())
                        .toList(),
                signingKey);
    }

    private static Trust of(List<String> trustedKeys, String signingKey) {
        Optional<SigningKey> signing;
        try {
            signing = Optional.of(signingKey)
                    .filter(file -> !file.isBlank())
                    .map(Path::of)
                    .map(SigningKey::of);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(SIGNING_KEY + ": " + e.getMessage());
        }
        try {
            return Trust.of(trustedKeys, signing);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(TRUSTED_KEYS + ": " + e.getMessage());
        }
    }
}
