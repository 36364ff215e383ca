package dev.sluice.embedder;

/** An answer with more or fewer vectors than texts: nobody can say which vector is whose, so none is believed. */
final class MiscountedAnswerException extends ProviderUnavailableException {
    private static final long serialVersionUID = 1L;

    MiscountedAnswerException(String message) {
        super(message);
    }
}
