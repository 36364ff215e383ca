package dev.sluice.trainer;

/** A request that a version answers already: it comes again after a fall between publishing and committing. */
final class AnsweredAlreadyException extends RefusedTrainingException {
    private static final long serialVersionUID = 1L;

    AnsweredAlreadyException(String request, int version) {
        super("the request " + request + " is answered already, by version " + version);
    }
}
