package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * To the present model and to the one that is to take its place: each text has a vector in both spaces, so that whichever
 * version is live can answer. Each model has a guard and a cache of its own. A text waits while either is away; one that
 * the next model alone refuses goes on without a vector there, since the present one serves.
 */
final class TwoSpaceRoute implements EmbeddingRoute {
    private static final Logger LOG = LoggerFactory.getLogger(TwoSpaceRoute.class);
    private static final float[] MISSING = {};

    private final EmbeddingRoute present;
    private final EmbeddingRoute next;
    private final AnswerTexts nextAnswers;
    private final EmbedderMeters meters;

    /** @param fitting how many of these texts, from the first on, go into one call now; 1 or more */
    TwoSpaceRoute(
            EmbeddingRoute present, EmbeddingRoute next, ToIntFunction<List<String>> fitting, EmbedderMeters meters) {
        this.present = present;
        this.next = next;
        this.nextAnswers = new AnswerTexts(next, fitting);
        this.meters = meters;
    }

    @Override
    public EmbeddingSpace space() {
        return present.space();
    }

    @Override
    public List<EmbeddingSpace> spaces() {
        return List.of(present.space(), next.space());
    }

    /** The present model is asked first: what it refuses is not paid for at the next one. */
    @Override
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        List<float[]> first = present.embed(texts);
        List<Integer> answered = IntStream.range(0, texts.size())
                .filter(i -> first.get(i).length > 0)
                .boxed()
                .toList();
        List<float[]> both = new ArrayList<>(Collections.nCopies(texts.size(), UNUSABLE));
        if (!answered.isEmpty()) {
            nextAnswers.of(answered.stream().map(texts::get).toList(), (answer, position) -> {
                answer.refusal().ifPresent(this::note);
                int i = answered.get(position);
                both.set(i, endToEnd(first.get(i), answer.vector().orElse(MISSING)));
            });
        }
        return both;
    }

    private void note(TextRefusedException refusal) {
        meters.refusedByNext();
        LOG.warn("a text has no vector in the next embedding space: {}", refusal.getMessage());
    }

    private static float[] endToEnd(float[] first, float[] second) {
        float[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    @Override
    public Optional<float[]> known(String text) {
        return present.known(text).flatMap(first -> next.known(text).map(second -> endToEnd(first, second)));
    }

    @Override
    public Optional<String> waitingFor() {
        return present.waitingFor().or(next::waitingFor);
    }

    @Override
    public void close() {
        try {
            present.close();
        } finally {
            next.close();
        }
    }
}
