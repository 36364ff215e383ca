package dev.sluice.cli;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Which letters are meant.
 *
 * @param reason is found in the reason or the exception's name, in any case
 * @param since letters of this time or later
 */
record LetterFilter(Optional<String> reason, Optional<Instant> since) {
    static final LetterFilter ALL = new LetterFilter(Optional.empty(), Optional.empty());

    boolean takes(DeadLetter letter) {
        return since.filter(letter.at()::isBefore).isEmpty()
                && reason.map(text -> text.toLowerCase(Locale.ROOT))
                        .filter(text -> !said(letter).contains(text))
                        .isEmpty();
    }

    private static String said(DeadLetter letter) {
        return (letter.reason() + "\n" + letter.exception().orElse("")).toLowerCase(Locale.ROOT);
    }
}
