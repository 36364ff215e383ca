package dev.sluice.schemas;

import java.nio.charset.StandardCharsets;

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

    /**
     * The consumer group of the embedders that bring labelled texts into a space. It tells by its name for which, so that
     * anybody can see how far they are.
     *
     * @param embedders the embedders' own group
     * @return that, {@code -reembed-} and the first 12 hex digits of the SHA-256 of the space's id
     */
    public static String reembedGroup(String embedders, EmbeddingSpace space) {
        String hash = ModelVersions.sha256(idOf(space).getBytes(StandardCharsets.UTF_8));
        return embedders + "-reembed-" + hash.substring(0, 12);
    }

    /**
     * The key of a text's vector on {@link Topics#embeddingCache()}: it hides the text and has one length, and a text has
     * another in each space.
     *
     * @param spaceId canonical id
     * @param text as embedded
     * @return SHA-256 in lower-case hex of the space's id, a zero byte and the text, in UTF-8
     */
    public static String cacheKey(String spaceId, String text) {
        return ModelVersions.sha256((spaceId + '\0' + text).getBytes(StandardCharsets.UTF_8));
    }
}
