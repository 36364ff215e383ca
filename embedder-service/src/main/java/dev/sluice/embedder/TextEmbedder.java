package dev.sluice.embedder;

import dev.sluice.runtime.ServiceConfig;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Post;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/**
 * The embedder's models for code that has texts in hand and no broker: the same text recipe, model and checks, so that its
 * vectors lie in the same space as those on {@code embedded-posts}. No quota is shared and no cache kept; a provider that is
 * busy is asked a few times more and no longer, since somebody waits for the answer. Any number of threads may call.
 */
public final class TextEmbedder implements AutoCloseable {
    /** The setting must be there; no client is ever made of it. */
    private static final String NO_BROKER = "none:9092";

    private static final List<String> OWN_KEYS = List.of("SLUICE_GEMINI_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY");

    private final EmbeddingModel model;
    private final PostText text;
    private final ImpatientCalls calls;
    private final int textsPerCall;

    private TextEmbedder(EmbeddingModel model, EmbedderConfig config) {
        this.model = model;
        this.text = config.postText();
        this.calls = new ImpatientCalls(model, config.patience());
        this.textsPerCall = config.batchMaxTexts();
    }

    /**
     * Loads the model, or makes a client for Gemini, whose key comes from the settings or the environment. No call is made.
     *
     * @param settings of {@link EmbedderConfig}, by name: those that say which model ({@code embedding.*},
     *     {@code text.max.characters}), {@code gemini.*}, {@code request.timeout.ms} and {@code retry.*} have a meaning here
     * @throws IllegalArgumentException naming the setting that is wrong or missing
     */
    public static TextEmbedder open(Map<String, String> settings) {
        return open(settings, System.getenv());
    }

    static TextEmbedder open(Map<String, String> settings, Map<String, String> environment) {
        Map<String, String> all = new HashMap<>(settings);
        all.put(ServiceConfig.BOOTSTRAP_SERVERS, NO_BROKER);
        OWN_KEYS.stream()
                .filter(environment::containsKey)
                .findFirst()
                .ifPresent(name -> all.putIfAbsent(EmbedderConfig.GEMINI_API_KEY, environment.get(name)));
        try {
            EmbedderConfig config = new EmbedderConfig(all);
            return new TextEmbedder(OneSpaceRoute.modelOf(config), config);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * The embedder whose vectors lie in this space.
     *
     * @param more settings beside those that the space tells: a key, a timeout, {@code embedding.threads}
     * @throws IllegalArgumentException if no model here makes such vectors, saying what differs
     */
    public static TextEmbedder of(EmbeddingSpace space, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.putAll(SpaceSettings.of(space));
        TextEmbedder embedder = open(settings);
        if (!EmbeddingSpaces.same(space, embedder.space())) {
            embedder.close();
            throw new IllegalArgumentException("the vectors of this space cannot be made here: wanted is "
                    + EmbeddingSpaces.idOf(space) + ", this version of Sluice makes "
                    + EmbeddingSpaces.idOf(embedder.space()));
        }
        return embedder;
    }

    /** What the vectors mean. */
    public EmbeddingSpace space() {
        return model.space();
    }

    /** Characters of a text that are read, from its beginning, 1 or more. */
    public int maxCharacters() {
        return text.maxCharacters();
    }

    /**
     * The text as it is embedded: e-mail addresses out, the beginning only.
     *
     * @throws IllegalArgumentException if nothing is left of it
     */
    public String textOf(String raw) {
        try {
            return text.of(Post.newBuilder().setText(raw).build());
        } catch (UnusablePostException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * @param texts as {@link #textOf} gives them, none or more
     * @return a vector of length 1 for each text, in their order, of the space's dimensions
     * @throws IllegalArgumentException if the provider will never take one of the texts, or is set up wrongly
     * @throws IllegalStateException if the provider does not answer
     * @throws InterruptedException if this thread is interrupted
     */
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        List<float[]> vectors = new ArrayList<>(texts.size());
        for (int from = 0; from < texts.size(); from += textsPerCall) {
            vectors.addAll(calls.embed(texts.subList(from, Math.min(from + textsPerCall, texts.size()))));
        }
        return vectors;
    }

    /** To be called when no {@link #embed} runs any more. */
    @Override
    public void close() {
        model.close();
    }
}
