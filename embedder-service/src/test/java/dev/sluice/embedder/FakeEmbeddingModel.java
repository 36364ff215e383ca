package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Two numbers a text: its length and one. Refuses what contains "refuse me", has no usable vector for "spoil me", miscounts
 * in company of "miscount me", and fails as often as told.
 */
final class FakeEmbeddingModel implements EmbeddingModel {
    static final EmbeddingSpace SPACE = EmbeddingSpace.newBuilder()
            .setProvider("fake")
            .setModel("length")
            .setDimensions(2)
            .setNormalisation("NONE")
            .setMaxTokens(10)
            .setTextRecipe("as-is")
            .build();

    final List<List<String>> calls = new ArrayList<>();
    final Deque<RuntimeException> failures = new ArrayDeque<>();
    boolean refusesAll;
    boolean spoilsAll;
    boolean closed;

    @Override
    public EmbeddingSpace space() {
        return SPACE;
    }

    @Override
    public List<float[]> embed(List<String> texts) {
        calls.add(List.copyOf(texts));
        if (!failures.isEmpty()) {
            throw failures.remove();
        }
        if (refusesAll || texts.stream().anyMatch(text -> text.contains("refuse me"))) {
            throw new TextRefusedException("refused by the fake");
        }
        if (texts.stream().anyMatch(text -> text.contains("miscount me"))) {
            throw new MiscountedAnswerException("too many vectors");
        }
        return texts.stream()
                .map(text -> spoilsAll || text.contains("spoil me") ? UNUSABLE : new float[] {text.length(), 1})
                .toList();
    }

    @Override
    public void close() {
        closed = true;
    }
}
