package dev.sluice.embedder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AbstractOptions;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsResult;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long its records are kept: what is asked of the admin client, and what becomes of its refusals. */
class CacheTopicTest {
    private static final String NAME = "embedding-cache";
    private static final Duration DAY = Duration.ofDays(1);

    private final List<String> asked = new ArrayList<>();
    private final List<Integer> patience = new ArrayList<>();
    private Optional<KafkaException> unread = Optional.empty();
    private KafkaException unchanged = new TimeoutException("no broker");

    private final CacheTopic topic = new CacheTopic(
            (Admin) Proxy.newProxyInstance(
                    Admin.class.getClassLoader(),
                    new Class<?>[] {Admin.class},
                    (admin, method, arguments) -> answer(method.getName(), arguments)),
            NAME,
            List.of());

    private Object answer(String question, Object[] arguments) {
        asked.add(question);
        Arrays.stream(arguments)
                .filter(AbstractOptions.class::isInstance)
                .forEach(options -> patience.add(((AbstractOptions<?>) options).timeoutMs()));
        if (question.equals("incrementalAlterConfigs")) {
            throw unchanged;
        }
        unread.ifPresent(failure -> {
            throw failure;
        });
        String week = Long.toString(Duration.ofDays(7).toMillis());
        Config config = new Config(List.of(new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, week)));
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, NAME);
        return new DescribeConfigsResult(Map.of(resource, KafkaFuture.completedFuture(config))) {};
    }

    @Test
    void shouldHaveThePatienceOfAStartAndSaySoWhenNoBrokerAnswers() {
        assertThatThrownBy(() -> topic.keepFor(DAY)).isInstanceOf(TimeoutException.class);

        unread = Optional.of(new TimeoutException("no broker"));
        assertThatThrownBy(() -> topic.keepFor(DAY)).isInstanceOf(TimeoutException.class);

        assertThat(asked).containsExactly("describeConfigs", "incrementalAlterConfigs", "describeConfigs");
        assertThat(patience).containsExactly(60_000, 60_000, 60_000);
    }

    @Test
    void shouldSayWhyWhenTheClusterForbidsSuchATime() {
        unchanged = new PolicyViolationException("no topic is kept for a day");

        assertThatThrownBy(() -> topic.keepFor(DAY)).isSameAs(unchanged);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldLeaveTheTopicAsItIsWhenItMayNotBeAskedOrChanged(boolean mayBeAsked) {
        unchanged = new TopicAuthorizationException(Set.of(NAME));
        unread = mayBeAsked ? Optional.empty() : Optional.of(unchanged);

        assertThatCode(() -> topic.keepFor(DAY)).doesNotThrowAnyException();
        assertThat(asked).hasSize(mayBeAsked ? 2 : 1);
    }
}
