package dev.sluice.embedder;

/** A post that no text can be made of. Its message is the dead letter's reason. */
final class UnusablePostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusablePostException(String reason) {
        super(reason);
    }
}
