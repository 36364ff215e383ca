package dev.sluice.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The colours of pictures and pages, light and dark: those of Okabe and Ito, which colour-blind people tell apart. They are put
 * into the style sheet as they are and not as variables, which many readers of SVG do not know.
 */
final class PlotStyle {
    private static final Map<String, String> LIGHT = Map.of(
            "ground", "#ffffff",
            "panel", "#f5f6f8",
            "ink", "#1b1f24",
            "faint", "#57606a",
            "rule", "#d5d9de",
            "first", "#0072b2",
            "second", "#c04f00",
            "right", "#0072b2",
            "wrong", "#e07b00");
    private static final Map<String, String> DARK = Map.of(
            "ground", "#15181c",
            "panel", "#1f2429",
            "ink", "#e8eaed",
            "faint", "#a4acb5",
            "rule", "#3b424a",
            "first", "#56b4e9",
            "second", "#e69f00",
            "right", "#2f8fc9",
            "wrong", "#c96a00");

    private PlotStyle() {}

    /** For a picture that stands alone. */
    static String css() {
        return themed("plot.css");
    }

    /** For a page with pictures in it. */
    static String pageCss() {
        return themed("report.css") + css() + read("report-layout.css");
    }

    private static String themed(String name) {
        String css = read(name);
        return painted(css, LIGHT) + "@media (prefers-color-scheme: dark) {\n" + painted(css, DARK) + "}\n";
    }

    private static String painted(String css, Map<String, String> colours) {
        String painted = css;
        for (Map.Entry<String, String> colour : colours.entrySet()) {
            painted = painted.replace("$" + colour.getKey() + ";", colour.getValue() + ";");
        }
        return painted;
    }

    private static String read(String name) {
        try (InputStream in = PlotStyle.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot happen: it is beside this class
        }
    }
}
