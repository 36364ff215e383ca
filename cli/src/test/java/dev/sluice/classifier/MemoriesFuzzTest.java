package dev.sluice.classifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.classifier.GivenAnswer.Beside;
import dev.sluice.classifier.Knowledge.KnownPost;
import dev.sluice.classifier.Knowledge.SentExample;
import dev.sluice.classifier.Knowledge.Verdict;
import dev.sluice.fuzz.Fuzz;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the stream remembers of posts in its store, and of replays in the metadata of offsets. */
class MemoriesFuzzTest {
    private static final Instant TIME = Instant.parse("2026-11-22T09:00:00Z");
    private static final Source ONE = new Source("posts", 1, 7L);

    @Test
    void shouldReadWhatIsKnownOrRefuseItWhenTheStoreIsDamaged() {
        GivenAnswer answer = new GivenAnswer(
                ONE,
                Arm.SHADOW,
                Optional.of(4),
                true,
                Optional.of("med"),
                0.5f,
                Optional.of(2.5),
                Truth.of("space"),
                Optional.of(new Beside(Optional.of(3), Optional.of("space"), Optional.of(1.5))),
                Optional.of(TIME),
                TIME);
        Knowledge known = new Knowledge(
                Verdict.LABELLED,
                Truth.of("med"),
                Optional.of(new KnownPost(ONE, Truth.of("space"), true)),
                Optional.of(new SentExample(ONE, Truth.of("med"))),
                List.of(answer, answer),
                Optional.empty());

        Fuzz.of("knowledge", bytes -> KnowledgeCodec.encode(KnowledgeCodec.decode(bytes)), IllegalStateException.class)
                .from(List.of(KnowledgeCodec.encode(known), KnowledgeCodec.encode(Knowledge.NOTHING)))
                .words("\u0001", "\u0002", "LABELLED", "FORGOTTEN", "LIVE", "SHADOW")
                .run();
    }

    @Test
    void shouldReadTheReplayOrRefuseItWhenTheMetadataIsOdd() {
        ReplayNote note = new ReplayNote(TIME, Optional.of(PredictionStatus.NO_MODEL), 3, 99);

        Fuzz.of(
                        "notes of replays",
                        bytes -> ReplayNote.parse(new String(bytes, UTF_8)).text(),
                        RefusedReplayException.class)
                .from(List.of(note.text().getBytes(UTF_8)))
                .words(
                        "from=",
                        " ",
                        "=",
                        "version=",
                        "end=",
                        "status=",
                        "UNKNOWN",
                        "2147483648",
                        "+1000000000-12-31T23:59:59Z")
                .run();
    }
}
