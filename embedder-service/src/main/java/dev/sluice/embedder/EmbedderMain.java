package dev.sluice.embedder;

import dev.sluice.runtime.ServiceMain;
import dev.sluice.runtime.Settings;
import java.time.Clock;
import java.util.Map;

/** The embedder as a process of its own. */
public final class EmbedderMain {
    private EmbedderMain() {}

    /** @param args nothing, or the path of a properties file */
    public static void main(String[] args) throws InterruptedException {
        ServiceMain.main(
                "embedder",
                () -> new EmbedderConfig(withGeminiKey(Settings.of(args, System.getenv()), System.getenv())),
                (config, registry) -> EmbedderService.start(config, Clock.systemUTC(), registry));
    }

    /** The key under the names that Google's own tools read it by, in their order, unless it is set under ours. */
    static Map<String, String> withGeminiKey(Map<String, String> settings, Map<String, String> environment) {
        for (String name : new String[] {"GOOGLE_API_KEY", "GEMINI_API_KEY"}) {
            if (environment.containsKey(name)) {
                settings.putIfAbsent(EmbedderConfig.GEMINI_API_KEY, environment.get(name));
            }
        }
        return settings;
    }
}
