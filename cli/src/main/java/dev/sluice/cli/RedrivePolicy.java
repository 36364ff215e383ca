package dev.sluice.cli;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.runtime.TopicLimits;
import dev.sluice.schemas.Topics;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Whether a letter is sent again, or why not.
 *
 * @param again also what was sent again already, has come back often, or has a successor
 */
record RedrivePolicy(Topics topics, SettledLetters settled, Successors successors, TopicLimits limits, boolean again) {
    /** A record that came back so often will come back. */
    static final int MOST_REDRIVES = 3;

    /** Why a letter stays. */
    enum Stays {
        SETTLED("sent again already"),
        CAME_BACK("came back " + MOST_REDRIVES + " times: look at one, mend the cause, then --again"),
        SUCCEEDED("a newer record of the same key has taken its place"),
        CUT("not whole: send the original again, see 'sluice dlq show'"),
        READ_ANEW("need not be sent: the log is read from its beginning when a classifier starts"),
        OTHER_SOURCE("answered already, only not learned from: sent again, the posts would be answered twice"),
        TOO_LARGE("larger than the topic takes: raise its max.message.bytes");

        private final String words;

        Stays(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /** Empty if it is to be sent. */
    Optional<Stays> stays(DeadLetter letter) {
        String source = letter.source().map(from -> from.topic()).orElse("");
        if (!Topics.deadLetterOf(source).equals(letter.raw().topic())) {
            return Optional.of(Stays.OTHER_SOURCE);
        }
        if (source.equals(topics.deployments().name())) { // at the end of the log it would undo what came since
            return Optional.of(Stays.READ_ANEW);
        }
        if (letter.cut().isPresent()) {
            return Optional.of(Stays.CUT);
        }
        if (TopicLimits.sizeOf(letter.raw().key(), letter.raw().value(), headers(letter)) > limits.of(source)) {
            return Optional.of(Stays.TOO_LARGE);
        }
        if (again) {
            return Optional.empty();
        }
        if (settled.contains(letter)) {
            return Optional.of(Stays.SETTLED);
        }
        if (letter.redrives() >= MOST_REDRIVES) {
            return Optional.of(Stays.CAME_BACK);
        }
        return successors.has(letter) ? Optional.of(Stays.SUCCEEDED) : Optional.empty();
    }

    /** As the record had them, and how often it was sent again. */
    static Headers headers(DeadLetter letter) {
        Headers headers = new RecordHeaders();
        for (Header header : letter.raw().headers()) {
            if (!header.key().startsWith(DeadLetters.PREFIX) && !header.key().equals(DeadLetters.REDRIVES)) {
                headers.add(header);
            }
        }
        String times = Integer.toString(letter.redrives() + 1);
        return headers.add(new RecordHeader(DeadLetters.REDRIVES, LetterValue.bytes(times)));
    }
}
