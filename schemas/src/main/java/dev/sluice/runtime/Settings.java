package dev.sluice.runtime;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * Where settings come from: one properties file, and over it the environment, where {@code SLUICE_TOPIC_PREFIX} stands for
 * {@code topic.prefix}.
 */
public final class Settings {
    private static final String ENVIRONMENT_PREFIX = "SLUICE_";

    private Settings() {}

    /**
     * @param arguments of a service's main: nothing, or the path of a properties file
     * @throws ConfigException if there are more arguments, or the file cannot be read
     */
    public static Map<String, String> of(String[] arguments, Map<String, String> environment) {
        if (arguments.length > 1) {
            throw new ConfigException("one argument at most: the path of a properties file");
        }
        Map<String, String> settings = new HashMap<>();
        if (arguments.length == 1) {
            settings.putAll(ofFile(Path.of(arguments[0])));
        }
        environment.forEach((name, value) -> {
            if (name.startsWith(ENVIRONMENT_PREFIX)) {
                settings.put(settingOf(name), value);
            }
        });
        return settings;
    }

    /** @throws ConfigException if the file cannot be read */
    public static Map<String, String> ofFile(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new ConfigException("there is no file " + file);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException("cannot read the settings in " + file + ": " + e);
        }
        Map<String, String> settings = new HashMap<>();
        properties.forEach((name, value) -> settings.put((String) name, (String) value));
        return settings;
    }

    private static String settingOf(String variable) {
        return variable.substring(ENVIRONMENT_PREFIX.length())
                .toLowerCase(Locale.ROOT)
                .replace('_', '.');
    }

    /** The settings as a table in Markdown, by name; each module's README holds its own. */
    public static String asMarkdown(ConfigDef definition) {
        StringBuilder table = new StringBuilder("| setting | default | what it does |\n|---|---|---|\n");
        definition.configKeys().values().stream()
                .sorted(Comparator.comparing(key -> key.name))
                .forEach(key -> table.append("| `")
                        .append(key.name)
                        .append("` | ")
                        .append(defaultOf(key))
                        .append(" | ")
                        .append(key.documentation)
                        .append(" |\n"));
        return table.toString();
    }

    private static String defaultOf(ConfigDef.ConfigKey key) {
        if (!key.hasDefault()) {
            return "must be set";
        }
        String text = ConfigDef.convertToString(key.defaultValue, key.type);
        return text == null || text.isEmpty() ? "none" : "`" + text + "`";
    }
}
