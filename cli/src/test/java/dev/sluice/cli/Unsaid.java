package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The API key of all integration tests, which no log and no dead letter may hold. As an appender it hears what is logged in
 * this JVM; what other processes say, and what lies on dead-letter topics, is looked through when they are closed.
 */
public final class Unsaid extends AppenderBase<ILoggingEvent> {
    static final String KEY = "a-key-that-nobody-may-say";

    private static final List<String> LOGGED = Collections.synchronizedList(new ArrayList<>());

    @Override
    protected void append(ILoggingEvent event) {
        String said = event.getFormattedMessage()
                + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
        if (said.contains(KEY)) {
            LOGGED.add(event.getLoggerName() + ": " + said);
        }
    }

    /** @throws AssertionError if the key was logged in this JVM */
    static void checkLogs() {
        if (!LOGGED.isEmpty()) {
            throw new AssertionError("the API key was logged: " + LOGGED);
        }
    }

    /** @throws AssertionError if the key is in it */
    static void check(String where, String said) {
        if (said.contains(KEY)) {
            throw new AssertionError("the API key was said by " + where + ":\n" + said);
        }
    }

    /** @throws AssertionError if the key is in its key, its value or its headers */
    static void check(ConsumerRecord<byte[], byte[]> letter) {
        StringBuilder all = new StringBuilder();
        List<byte[]> parts = new ArrayList<>(Collections.singletonList(letter.key()));
        parts.add(letter.value());
        letter.headers().forEach(header -> parts.add(header.value()));
        parts.stream().filter(part -> part != null).forEach(part -> all.append(new String(part, ISO_8859_1))
                .append('\n'));
        check("a letter on " + letter.topic(), all.toString());
    }
}
