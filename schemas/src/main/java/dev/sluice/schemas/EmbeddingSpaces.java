package dev.sluice.schemas;

/** Tells embedding spaces apart: two vectors may meet only where the canonical ids of their spaces are equal. */
public final class EmbeddingSpaces {
    private EmbeddingSpaces() {}

    /**
     * The canonical id: every field of the space in a fixed order, so that any difference that changes what a vector
     * means changes the id. Fit to be read by people, and to be a part of a key.
     */
    public static String idOf(EmbeddingSpace space) {
        return String.join(
                "|",
                space.getProvider(),
                space.getModel(),
                space.getModelSha256(),
                Integer.toString(space.getDimensions()),
                space.getTaskType(),
                space.getPooling(),
                space.getNormalisation(),
                Integer.toString(space.getMaxTokens()),
                space.getTextRecipe());
    }

    public static boolean same(EmbeddingSpace one, EmbeddingSpace other) {
        return idOf(one).equals(idOf(other));
    }
}
