package dev.sluice.classifier;

import dev.sluice.schemas.PredictionStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a replay set out to do on one partition, as text. It lies in the metadata of the committed offset, so that the
 * broker alone remembers a replay: whoever knows its name can go on with it, on any machine, and nothing need be tidied up
 * but a consumer group.
 *
 * @param from posts that came earlier are passed over
 * @param status only posts whose newest prediction has it; all if empty
 * @param version answers
 * @param end the offset behind the last post
 */
record ReplayNote(Instant from, Optional<PredictionStatus> status, int version, long end) {
    private static final String FROM = "from";
    private static final String VERSION = "version";
    private static final String END = "end";
    private static final String STATUS = "status";

    String text() {
        return String.join(" ", FROM + "=" + from, VERSION + "=" + version, END + "=" + end)
                + status.map(wanted -> " " + STATUS + "=" + wanted).orElse("");
    }

    ReplayNote withEnd(long other) {
        return new ReplayNote(from, status, version, other);
    }

    /** @throws RefusedReplayException if the text is no such note: a newer Sluice's perhaps */
    static ReplayNote parse(String text) {
        try {
            var fields = Arrays.stream(text.split(" "))
                    .map(field -> field.split("=", 2))
                    .collect(Collectors.toMap(field -> field[0], field -> field[1]));
            Function<String, String> required =
                    name -> Optional.ofNullable(fields.get(name)).orElseThrow();
            return new ReplayNote(
                    Instant.parse(required.apply(FROM)),
                    Optional.ofNullable(fields.get(STATUS)).map(PredictionStatus::valueOf),
                    Integer.parseInt(required.apply(VERSION)),
                    Long.parseLong(required.apply(END)));
        } catch (RuntimeException e) {
            throw new RefusedReplayException("the replay's notes cannot be read (" + text + "): begin a new one", e);
        }
    }
}
