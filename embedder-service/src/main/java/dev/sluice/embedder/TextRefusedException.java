package dev.sluice.embedder;

/** A provider will never embed this text, however often it is asked. Among several texts, at least one is meant. */
final class TextRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TextRefusedException(String reason) {
        super(reason);
    }

    TextRefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
