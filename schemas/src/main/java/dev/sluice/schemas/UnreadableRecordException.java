package dev.sluice.schemas;

/** A record's bytes are not what their topic holds. The message is fit to be a dead letter's reason: what is wrong, and the cure. */
public final class UnreadableRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnreadableRecordException(String reason) {
        super(reason);
    }

    public UnreadableRecordException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
