package dev.sluice.models;

/** A preset or a model's file cannot be read, or is none: one line that names the thing and the cure. */
public final class InvalidPresetException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    InvalidPresetException(String message) {
        super(message);
    }

    InvalidPresetException(String message, Throwable cause) {
        super(message, cause);
    }
}
