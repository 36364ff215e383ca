package dev.sluice.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/** The texts that the demo classifies at its end, one after another. */
final class Questions {
    /** For when nobody is asked. It fits one of the bundled classes, and one of many a newsgroup's. */
    static final String OWN =
            "Last night the sky was clear at last: through my small telescope I saw the rings of Saturn, two of"
                    + " Jupiter's moons, and a satellite in its orbit.";

    private Questions() {}

    /** One text, and no more. */
    static Iterator<String> of(String text) {
        return List.of(text).iterator();
    }

    /** Asks a person for one text after another, until an empty line or the end of the input. */
    static Iterator<String> asking(BufferedReader in, PrintWriter out) {
        return new Asking(in, out);
    }

    private static final class Asking implements Iterator<String> {
        private final BufferedReader in;
        private final PrintWriter out;
        private Optional<String> next = Optional.empty();
        private boolean ended;

        private Asking(BufferedReader in, PrintWriter out) {
            this.in = in;
            this.out = out;
        }

        @Override
        public boolean hasNext() {
            if (next.isEmpty() && !ended) {
                out.println();
                out.print("Type a text to classify, or Enter to end: ");
                out.flush();
                next = readLine();
                ended = next.isEmpty();
            }
            return next.isPresent();
        }

        @Override
        public String next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            String text = next.orElseThrow();
            next = Optional.empty();
            return text;
        }

        private Optional<String> readLine() {
            try {
                return Optional.ofNullable(in.readLine()).filter(line -> !line.isBlank());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
