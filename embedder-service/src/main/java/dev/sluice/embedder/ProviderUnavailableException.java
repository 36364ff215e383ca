package dev.sluice.embedder;

/** A provider cannot answer now: busy, broken or out of reach. The same question is worth asking again. */
sealed class ProviderUnavailableException extends RuntimeException
        permits QuotaExceededException, MiscountedAnswerException {
    private static final long serialVersionUID = 1L;

    ProviderUnavailableException(String reason) {
        super(reason);
    }

    ProviderUnavailableException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
