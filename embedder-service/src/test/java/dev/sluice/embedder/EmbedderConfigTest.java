package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.runtime.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbedderConfigTest {
    private static EmbedderConfig config(String... namesAndValues) {
        Map<String, String> settings = new HashMap<>(Map.of("bootstrap.servers", "a:1"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new EmbedderConfig(settings);
    }

    @Test
    void shouldNeedNothingButABrokerWhenTheModelIsLocal() {
        EmbedderConfig config = config();

        assertThat(config.provider()).isEqualTo("local");
        assertThat(config.model()).isEqualTo("bge-small-en-v1.5-q");
        assertThat(config.dimensions()).isEqualTo(384);
        assertThat(config.maxTokens()).isEqualTo(512);
        assertThat(config.threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.groupId()).isEqualTo("sluice-embedder");
        assertThat(config.patience())
                .isEqualTo(new Patience(Duration.ofMillis(500), Duration.ofSeconds(30), 5, Duration.ofSeconds(30)));
        assertThat(config.quotaLimits().isLimited()).isFalse();
    }

    @Test
    void shouldTakeTheModelsOwnDefaultWhenALocalOneIsNamed() {
        EmbedderConfig config = config("embedding.model", "all-minilm-l6-v2-q");

        assertThat(config.localModel()).isEqualTo(LocalModel.MINI_LM);
        assertThat(config.dimensions()).isEqualTo(384);
        assertThat(config.maxTokens()).isEqualTo(256);
    }

    @Test
    void shouldTakeGeminisDefaultsWhenItIsTheProvider() {
        EmbedderConfig config = config("embedding.provider", "gemini", "gemini.api.key", "k");

        assertThat(config.model()).isEqualTo("gemini-embedding-001");
        assertThat(config.dimensions()).isEqualTo(768);
        assertThat(config.maxTokens()).isEqualTo(2048);
        assertThat(config.taskType()).isEqualTo("CLASSIFICATION");
    }

    @Test
    void shouldKnowTheQuotaWhenItIsSet() {
        EmbedderConfig config = config(
                "rate.limit.requests.per.minute", "100",
                "rate.limit.tokens.per.minute", "30000",
                "rate.limit.requests.per.day", "1000",
                "rate.limit.weight", "call",
                "rate.limit.window.ms", "2000",
                "rate.limit.characters.per.token", "3.5");

        assertThat(config.quotaLimits())
                .isEqualTo(new QuotaLimits(
                        100, 30_000, 1000, false, Duration.ofSeconds(2), 3.5, "", Duration.ofSeconds(30)));
    }

    @Test
    void shouldCountTheTaskInTheTextWhenTheModelReadsItThere() {
        EmbedderConfig config =
                config("embedding.provider", "gemini", "embedding.model", "gemini-embedding-2", "gemini.api.key", "k");

        assertThat(config.quotaLimits().prefix()).isEqualTo("task: classification | query: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://user:s3cret@host", "https://s3cret@host/", "https://user:s3 cret@ho_st"})
    void shouldNotShowTheUrlWhenItHoldsAPassword(String url) {
        assertThatThrownBy(() -> config("gemini.base.url", url))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("gemini.base.url")
                .hasMessageNotContainingAny("s3cret", "s3 cret");
    }

    @Test
    void shouldNameTheCureWhenGeminiHasNoKey() {
        assertThatThrownBy(() -> config("embedding.provider", "gemini"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("SLUICE_GEMINI_API_KEY")
                .hasMessageContaining("embedding.provider=local");
    }

    @ParameterizedTest
    @CsvSource({
        "embedding.provider, nobody",
        "embedding.model, all-minilm-l6-v2",
        "embedding.dimensions, 383",
        "embedding.max.tokens, 7",
        "embedding.max.tokens, 513",
        "text.max.characters, 0",
        "batch.max.texts, -1",
        "batch.max.texts, 101",
        "rate.limit.requests.per.minute, -1",
        "rate.limit.characters.per.token, 0.9",
        "rate.limit.characters.per.token, 11",
        "rate.limit.weight, token",
        "cache.enabled, perhaps",
        "cache.max.bytes, 1048575",
        "retry.backoff.ms, 30001",
        "gemini.base.url, localhost",
        "gemini.base.url, ftp://x",
        "gemini.base.url, ht tp",
        "group.id, ''",
    })
    void shouldNameTheSettingWhenItsValueIsWrong(String name, String value) {
        assertThatThrownBy(() -> config(name, value))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(name.substring(0, name.lastIndexOf('.')));
    }

    @ParameterizedTest
    @CsvSource({
        "embedding.dimensions, 384",
        "embedding.max.tokens, 8",
        "embedding.max.tokens, 512",
        "embedding.model, all-minilm-l6-v2-q",
        "text.max.characters, 1",
        "batch.max.texts, 0",
        "batch.max.texts, 100",
        "rate.limit.requests.per.minute, 0",
        "rate.limit.requests.per.minute, 1",
        "rate.limit.characters.per.token, 1",
        "rate.limit.characters.per.token, 10",
        "cache.max.bytes, 1048576",
        "retry.backoff.ms, 30000",
        "gemini.base.url, HTTPS://x.org/path",
    })
    void shouldTakeTheValueWhenItIsJustWithin(String name, String value) {
        assertThatCode(() -> config(name, value)).doesNotThrowAnyException();
    }

    @Test
    void shouldKnowTheNextModelWhenItIsSet() {
        EmbedderConfig config = config(
                "gemini.api.key", "k",
                "embedding.max.tokens", "64",
                "rate.limit.requests.per.minute", "100",
                "next.embedding.provider", "gemini",
                "next.embedding.model", "gemini-embedding-2",
                "next.embedding.dimensions", "256");

        EmbedderConfig next = config.next().orElseThrow();

        assertThat(config().next()).isEmpty();
        assertThat(next.next()).isEmpty();
        assertThat(next.model()).isEqualTo("gemini-embedding-2");
        assertThat(next.dimensions()).isEqualTo(256);
        assertThat(next.maxTokens()).isEqualTo(8192);
        assertThat(next.cacheEnabled()).isTrue();
        assertThat(config.model()).isEqualTo("bge-small-en-v1.5-q");
        assertThat(config.cacheEnabled()).isFalse();
        assertThat(config.quotaTokens()).isEqualTo(8192);
        assertThat(config.quotaLimits().prefix()).isEqualTo("task: classification | query: ");
        assertThat(config.topicsOfNext())
                .singleElement()
                .satisfies(topics -> assertThat(topics.labeledVectors().name()).isEqualTo("labeled-vectors"));
    }

    @Test
    void shouldReadTheLabelledTextsOfAllClassifiersThatAreNamed() {
        assertThat(config("next.embedding.provider", "local", "next.classifiers", "default,other")
                        .topicsOfNext())
                .extracting(topics -> topics.labeledVectors().name())
                .containsExactly("labeled-vectors", "labeled-vectors.other");
    }

    @ParameterizedTest
    @CsvSource({
        "next.embedding.model, all-minilm-l6-v2, embedding.model",
        "next.embedding.dimensions, 383, embedding.dimensions",
        "next.embedding.threads, 3, next.embedding.threads",
    })
    void shouldRefuseTheNextModelWhenASettingOfItIsWrong(String name, String value, String named) {
        assertThatThrownBy(() -> config("next.embedding.provider", "local", name, value))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(named);
    }

    @Test
    void shouldPutThePrefixBeforeTheGroupWhenThereIsOne() {
        assertThat(config("topic.prefix", "p-").groupId()).isEqualTo("p-sluice-embedder");
    }

    @Test
    void shouldPassKafkasSettingsOnWhenTheyStandBehindAPrefix() {
        EmbedderClients clients = new EmbedderClients(
                config(
                        "consumer.fetch.min.bytes", "7",
                        "producer.linger.ms", "3",
                        "batch.max.texts", "9"),
                "i");

        assertThat(clients.consumerSettings())
                .containsEntry("fetch.min.bytes", "7")
                .containsEntry("max.poll.records", 9)
                .containsEntry("isolation.level", "read_committed"); // exactly once is no setting
        assertThat(clients.producerSettings())
                .containsEntry("linger.ms", "3")
                .containsEntry("acks", "all")
                .containsEntry("transactional.id", "sluice-embedder-i");
    }

    @Test
    void shouldReadTheKeyUnderGooglesNamesWhenOursIsNotSet() {
        Map<String, String> google = Map.of("GEMINI_API_KEY", "g1", "GOOGLE_API_KEY", "g2");

        assertThat(EmbedderMain.withGeminiKey(new HashMap<>(), google)).containsEntry("gemini.api.key", "g2");
        assertThat(EmbedderMain.withGeminiKey(new HashMap<>(), Map.of("GEMINI_API_KEY", "g1")))
                .containsEntry("gemini.api.key", "g1");
        assertThat(EmbedderMain.withGeminiKey(new HashMap<>(Map.of("gemini.api.key", "own")), google))
                .containsEntry("gemini.api.key", "own");
        assertThat(EmbedderMain.withGeminiKey(new HashMap<>(), Map.of())).isEmpty();
    }

    @Test
    void shouldMatchTheReadmeWhenASettingChanges() throws Exception {
        String readme = Files.readString(Path.of("README.md"));

        assertThat(readme)
                .contains(
                        "<!-- settings -->\n" + Settings.asMarkdown(EmbedderConfig.DEFINITION) + "<!-- /settings -->");
    }
}
