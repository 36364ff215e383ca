package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of bounds in docs/security.md, against the constants that it names. */
class DocumentedBoundsTest {
    private static final Pattern ROW =
            Pattern.compile("\\| ([^|]+) \\| ([^|]+) \\| `(\\w+)(?:\\.(\\w+))?` \\| [^|]+ \\|");
    private static final List<String> PACKAGES =
            List.of("schemas", "runtime", "embedder", "classifier", "trainer", "models", "cli");

    private static List<String> rows() throws IOException {
        String text = Files.readString(Path.of("..", "docs", "security.md"));
        String table = text.substring(text.indexOf("<!-- bounds -->"), text.indexOf("<!-- /bounds -->"));
        return table.lines()
                .filter(line -> line.startsWith("|"))
                .skip(2) // the head, and the line below it
                .toList();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldSayWhatTheConstantIsWhenOneIsNamed(String row) throws ReflectiveOperationException {
        Matcher parts = ROW.matcher(row);
        assertThat(parts.matches())
                .as("a row of four, the third a class or a constant")
                .isTrue();

        Class<?> type = classOf(parts.group(3));
        if (parts.group(4) == null) {
            assertThat(parts.group(2)).as("a bound that is no number").doesNotContainPattern("\\d");
            return;
        }
        Field constant = type.getDeclaredField(parts.group(4));
        constant.setAccessible(true);
        assertThat(Long.parseLong(parts.group(2).replaceAll("[^0-9]", "")))
                .as(parts.group(1))
                .isEqualTo(((Number) constant.get(null)).longValue());
    }

    private static Class<?> classOf(String name) {
        return PACKAGES.stream()
                .flatMap(place -> classIn("dev.sluice." + place, name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no class " + name));
    }

    private static Stream<Class<?>> classIn(String place, String name) {
        try {
            return Stream.of(Class.forName(place + "." + name));
        } catch (ClassNotFoundException e) {
            return Stream.empty();
        }
    }

    @Test
    void shouldNameEveryLimitOfRecordsAndOfJsonWhenOneIsAdded() throws Exception {
        String rows = String.join("\n", rows());

        assertThat(Stream.of("RecordLimits", "JsonRecords", "MailText")
                        .flatMap(name -> Stream.of(classOf(name).getDeclaredFields())
                                .filter(field -> field.getName().startsWith("MAX_"))
                                .map(field -> name + "." + field.getName()))
                        .filter(name -> !name.equals("RecordLimits.MAX_OWN_BYTES"))) // of headers that do not count
                .isNotEmpty()
                .allMatch(name -> rows.contains("`" + name + "`"));
    }
}
