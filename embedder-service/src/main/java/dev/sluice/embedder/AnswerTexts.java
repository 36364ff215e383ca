package dev.sluice.embedder;

import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.function.ToIntFunction;

/**
 * Texts in, one answer for each. They go to the model together, or in as many calls as they do not fit into one; when it
 * refuses a call, halves are tried, and so on, until the culprits stand alone and only they are refused. Answers are handed
 * on as they come: what was paid for is not lost to a later failure.
 *
 * <p>Safe for use by several threads, if the model is.
 */
final class AnswerTexts {
    private final EmbeddingModel model;
    private final ToIntFunction<List<String>> fitting;

    /** @param fitting how many of these texts, from the first on, go into one call now; 1 or more */
    AnswerTexts(EmbeddingModel model, ToIntFunction<List<String>> fitting) {
        this.model = model;
        this.fitting = fitting;
    }

    /**
     * @param texts at least one
     * @param answers given each answer with its text's position, once for each text
     * @throws ProviderMisconfiguredException if the model will not answer as it is set up
     * @throws InterruptedException if the caller's thread is told to stop
     */
    void of(List<String> texts, ObjIntConsumer<Answer> answers) throws InterruptedException {
        for (int from = 0; from < texts.size(); ) {
            int to = from + fitting.applyAsInt(texts.subList(from, texts.size()));
            call(texts, from, to, answers);
            from = to;
        }
    }

    private void call(List<String> texts, int from, int to, ObjIntConsumer<Answer> answers)
            throws InterruptedException {
        try {
            List<float[]> vectors = model.embed(texts.subList(from, to));
            for (int i = from; i < to; i++) {
                answers.accept(Answer.of(vectors.get(i - from)), i);
            }
        } catch (TextRefusedException e) {
            if (to - from == 1) {
                answers.accept(Answer.refused(e), from);
            } else {
                int middle = (from + to) / 2;
                call(texts, from, middle, answers);
                call(texts, middle, to, answers);
            }
        }
    }
}
