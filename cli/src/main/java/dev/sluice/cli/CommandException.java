package dev.sluice.cli;

/** What went wrong, told to a person: one line that names the thing and the cure. Its trace is shown with --verbose only. */
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        super(message);
    }

    CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
