package dev.sluice.embedder;

import java.util.Optional;

/** A provider will answer no question as it is set up: a wrong key, model or size. Only a person can mend that. */
final class ProviderMisconfiguredException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String setting;

    ProviderMisconfiguredException(String reason) {
        this(reason, null);
    }

    ProviderMisconfiguredException(String reason, Throwable cause) {
        this(null, reason, cause);
    }

    /** @param setting that is probably at fault */
    ProviderMisconfiguredException(String setting, String reason, Throwable cause) {
        super(reason, cause);
        this.setting = setting;
    }

    /** The setting that is probably at fault, if one is. */
    Optional<String> setting() {
        return Optional.ofNullable(setting);
    }
}
