package dev.sluice.trainer;

/** A fit cannot be done as it is asked for. The message says why, and what would help; the service goes on. */
class RefusedTrainingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedTrainingException(String reason) {
        super(reason);
    }
}
