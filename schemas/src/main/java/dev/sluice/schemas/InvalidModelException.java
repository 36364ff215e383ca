package dev.sluice.schemas;

/** A model version contradicts itself or cannot be run. The message says what does not fit, with both figures. */
public final class InvalidModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidModelException(String reason) {
        super(reason);
    }
}
