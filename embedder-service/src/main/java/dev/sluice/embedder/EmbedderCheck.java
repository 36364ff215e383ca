package dev.sluice.embedder;

import dev.sluice.schemas.EmbeddingSpaces;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigException;

/**
 * Asks before it is meant whether an embedder would work as it is set up: its settings, and its model by one real call with
 * a harmless text, which costs one request; likewise the model that is to take its place, if there is one. Kafka is not asked. What fails is said with its cure.
 */
public final class EmbedderCheck {
    /**
     * One thing looked at.
     *
     * @param what in a few words: settings, model, key, dimensions ...
     * @param ok whether it is as it should be
     * @param detail what was found, or the reason and the cure; one line, without secrets
     */
    public record Line(String what, boolean ok, String detail) {}

    private static final String SETTINGS = "embedder settings";
    private static final String KEY = "key";
    private static final String MODEL = "model";
    private static final String DIMENSIONS = "dimensions";

    /** The lines of a setting that a provider finds at fault. */
    private static final Map<String, String> LINES = Map.of(
            EmbedderConfig.GEMINI_API_KEY, KEY,
            EmbedderConfig.MODEL, MODEL,
            EmbedderConfig.DIMENSIONS, DIMENSIONS);

    private EmbedderCheck() {}

    /**
     * Takes as long as the model takes to load, or Gemini to answer: {@code request.timeout.ms} at most.
     *
     * @param settings of an embedder, by name; Google's own environment variables for the key count as they do for it
     * @return at least one line; if one is not ok, it is the last, since nothing after it could be looked at
     */
    public static List<Line> run(Map<String, String> settings) {
        return run(settings, System.getenv());
    }

    static List<Line> run(Map<String, String> settings, Map<String, String> environment) {
        List<Line> lines = new ArrayList<>();
        try {
            EmbedderConfig config =
                    new EmbedderConfig(EmbedderMain.withGeminiKey(new HashMap<>(settings), environment));
            lines.add(new Line(SETTINGS, true, "provider " + config.provider()));
            lines.addAll(asked(config));
            if (lines.get(lines.size() - 1).ok()) {
                config.next().ifPresent(next -> asked(next)
                        .forEach(line -> lines.add(new Line("next " + line.what(), line.ok(), line.detail()))));
            }
        } catch (ConfigException e) {
            lines.add(new Line(SETTINGS, false, e.getMessage()));
        }
        return lines;
    }

    private static List<Line> asked(EmbedderConfig config) {
        return config.provider().equals(EmbedderConfig.LOCAL) ? local(config) : gemini(config);
    }

    private static List<Line> local(EmbedderConfig config) {
        try (EmbeddingModel model = OneSpaceRoute.modelOf(config)) {
            askPlainly(model);
            return answered(model);
        } catch (InterruptedException e) {
            return interrupted();
        } catch (RuntimeException | LinkageError e) { // the latter where a native library does not load
            return failed(
                    MODEL,
                    e
                            + "; the model needs a folder to unpack its native part into: see DJL_CACHE_DIR and java.io.tmpdir,"
                            + " and the platforms that ONNX Runtime has");
        }
    }

    private static void askPlainly(EmbeddingModel model) throws InterruptedException {
        if (model.embed(GuardedEmbeddingModel.HARMLESS).get(0).length == 0) {
            throw new TextRefusedException("its vector is zero throughout, or holds NaN or infinity");
        }
    }

    private static List<Line> gemini(EmbedderConfig config) {
        Line accepted = new Line(KEY, true, "accepted by " + config.geminiBaseUrl());
        List<Line> lines = new ArrayList<>();
        try (EmbeddingModel model = OneSpaceRoute.modelOf(config)) {
            askPlainly(model);
            lines.add(accepted);
            lines.addAll(answered(model));
        } catch (InterruptedException e) {
            return interrupted();
        } catch (QuotaExceededException e) {
            lines.add(accepted);
            lines.addAll(failed("quota", e.getMessage() + "; " + cureOf(e)));
        } catch (ProviderUnavailableException e) {
            return failed(
                    "Gemini",
                    e.getMessage() + "; see the network, its proxy and " + EmbedderConfig.GEMINI_BASE_URL
                            + "; if it answered with 5xx, it is Google's trouble: the embedder would wait and lose nothing");
        } catch (TextRefusedException e) {
            lines.add(accepted);
            lines.addAll(failed(
                    MODEL,
                    "it refuses even a plain sentence: " + e.getMessage() + "; see " + EmbedderConfig.MODEL + ", "
                            + EmbedderConfig.DIMENSIONS + " and " + EmbedderConfig.TASK_TYPE));
        } catch (ProviderMisconfiguredException e) {
            String what = e.setting()
                    .flatMap(it -> Optional.ofNullable(LINES.get(it)))
                    .orElse("Gemini");
            if (what.equals(MODEL) || what.equals(DIMENSIONS)) {
                lines.add(accepted);
            }
            if (what.equals(DIMENSIONS)) {
                lines.add(new Line(MODEL, true, config.model() + " answers"));
            }
            lines.addAll(failed(what, e.getMessage()));
        }
        return lines;
    }

    private static String cureOf(QuotaExceededException e) {
        if (e.isPerDay()) {
            return "the day's quota comes back at midnight Pacific time, or is larger on a paid tier;"
                    + " the embedder would wait, see " + EmbedderConfig.REQUESTS_PER_DAY;
        }
        return "the minute's quota comes back within a minute; somebody else uses the project, or "
                + EmbedderConfig.REQUESTS_PER_MINUTE + " and " + EmbedderConfig.TOKENS_PER_MINUTE
                + " are above what the project has";
    }

    private static List<Line> answered(EmbeddingModel model) {
        return List.of(
                new Line(MODEL, true, model.space().getModel() + " answers"),
                new Line(
                        DIMENSIONS,
                        true,
                        model.space().getDimensions() + ", in the embedding space "
                                + EmbeddingSpaces.idOf(model.space())));
    }

    private static List<Line> failed(String what, String detail) {
        return List.of(new Line(what, false, detail));
    }

    private static List<Line> interrupted() {
        Thread.currentThread().interrupt();
        return failed(MODEL, "was not waited for");
    }
}
