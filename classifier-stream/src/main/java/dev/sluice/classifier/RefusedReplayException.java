package dev.sluice.classifier;

/** A replay that cannot be done, or not go on; the message is for the person who asked for it, and names the cure. */
public final class RefusedReplayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedReplayException(String message) {
        super(message);
    }

    RefusedReplayException(String message, Throwable cause) {
        super(message, cause);
    }
}
