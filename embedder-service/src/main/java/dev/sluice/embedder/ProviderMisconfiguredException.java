package dev.sluice.embedder;

/** A provider will answer no question as it is set up: a wrong key, model or size. Only a person can mend that. */
final class ProviderMisconfiguredException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProviderMisconfiguredException(String reason) {
        super(reason);
    }

    ProviderMisconfiguredException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
