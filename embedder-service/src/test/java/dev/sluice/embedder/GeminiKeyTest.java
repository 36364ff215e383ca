package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Whatever goes wrong, nobody reads the key: every log at its most talkative, and every exception with all its causes. */
class GeminiKeyTest {
    private static final String KEY = "AIza-not-a-real-key";

    private final GeminiStub stub = GeminiStub.start();
    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final java.util.logging.Logger javaRoot = java.util.logging.Logger.getLogger("");
    private final Level level = root.getLevel();
    private final java.util.logging.Level javaLevel = javaRoot.getLevel();

    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            said.add(event.getFormattedMessage()
                    + (event.getThrowableProxy() == null
                            ? ""
                            : ThrowableProxyUtil.asString(event.getThrowableProxy())));
        }
    };

    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord log) {
            said.add(log.getMessage()
                    + List.of(log.getParameters() == null ? new Object[0] : log.getParameters())
                    + (log.getThrown() == null ? "" : printed(log.getThrown())));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        appender.start();
        root.addAppender(appender);
        root.setLevel(Level.TRACE);
        javaRoot.addHandler(handler);
        javaRoot.setLevel(java.util.logging.Level.ALL);
    }

    @AfterEach
    void stop() {
        root.setLevel(level);
        root.detachAppender(appender);
        javaRoot.setLevel(javaLevel);
        javaRoot.removeHandler(handler);
        stub.close();
    }

    private EmbedderConfig config(String key) {
        return new EmbedderConfig(Map.of(
                "bootstrap.servers",
                "unused:1",
                "embedding.provider",
                "gemini",
                "gemini.api.key",
                key,
                "gemini.base.url",
                stub.url()));
    }

    private static String printed(Throwable e) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }

    @Test
    void shouldSayItNowhereWhenTheServerAnswersWithItInAllWays() {
        EmbedderConfig config = config(KEY);
        stub.answerError(400, "INVALID_ARGUMENT", "key " + KEY)
                .answerError(401, "UNAUTHENTICATED", KEY)
                .answerError(403, KEY, "no")
                .answerError(404, "NOT_FOUND", KEY)
                .answerError(429, "RESOURCE_EXHAUSTED", KEY)
                .answerError(500, "INTERNAL", KEY)
                .answer(200, KEY)
                .answer(200, "{\"embeddings\":\"" + KEY + "\"}")
                .answer(200, "{\"embeddings\":[{\"values\":[\"" + KEY + "\"]}]}")
                .hangUp();
        try (GeminiEmbeddingModel model = GeminiEmbeddingModel.open(config)) {
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(() -> model.embed(List.of("text")))
                        .satisfies(
                                e -> assertThat(printed(e)).contains("Gemini").doesNotContain(KEY));
            }
            stub.close();
            assertThatThrownBy(() -> model.embed(List.of("text")))
                    .satisfies(e -> assertThat(printed(e)).contains("Gemini").doesNotContain(KEY));
        }
        LoggerFactory.getLogger(GeminiKeyTest.class).info("{}", config.values()); // as somebody may

        assertThat(said).isNotEmpty().noneMatch(it -> it.contains(KEY));
    }

    /** The HTTP client's own complaint about such a header would show the key. */
    @ParameterizedTest
    @ValueSource(strings = {"AIza-a-real\nkey", "AIza-a-real key", "AIza-a-reál-key", "AIza-a-real\u0000key"})
    void shouldRefuseTheKeyUnseenWhenNoHeaderTakesIt(String key) {
        assertThatThrownBy(() -> config(key))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("gemini.api.key")
                .satisfies(e -> assertThat(printed(e)).doesNotContain("AIza"));
    }

    @Test
    void shouldTakeTheKeyWhenALineEndFollowsIt() {
        assertThat(config(KEY + "\n").geminiApiKey()).isEqualTo(KEY);
    }
}
