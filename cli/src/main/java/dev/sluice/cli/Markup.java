package dev.sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An element of a page or a picture. Every text and every attribute is escaped as it is written, and there is no other way in:
 * whatever a post or a label says, it stays a text. The form is both HTML5 and XML, so the same SVG stands in a page and alone.
 */
final class Markup {
    /** Elements that HTML knows without an end. */
    private static final Set<String> VOID = Set.of("meta", "br", "wbr");

    /** What XML cannot say at all, not even escaped; and what would turn the direction of the text around it. */
    private static final Pattern UNSPEAKABLE = Pattern.compile(
            "[^\\t\\n\\r\\x{20}-\\x{7e}\\x{85}\\x{a0}-\\x{d7ff}\\x{e000}-\\x{fffd}\\x{10000}-\\x{10ffff}]"
                    + "|[\\x{202a}-\\x{202e}\\x{2066}-\\x{2069}]");

    private final String tag;
    private final Map<String, String> attributes = new LinkedHashMap<>();
    private final List<Object> content = new ArrayList<>();

    private Markup(String tag) {
        this.tag = tag;
    }

    static Markup of(String tag) {
        return new Markup(tag);
    }

    /** With a text inside. */
    static Markup of(String tag, Object text) {
        return of(tag).text(text);
    }

    /** Sets an attribute; numbers are written with two digits behind the point at most. */
    Markup with(String name, Object value) {
        attributes.put(name, value instanceof Double number ? number(number) : String.valueOf(value));
        return this;
    }

    /** Names the element for the style sheet. */
    Markup is(String names) {
        return with("class", names);
    }

    Markup text(Object text) {
        content.add(String.valueOf(text));
        return this;
    }

    Markup add(Markup... children) {
        content.addAll(List.of(children));
        return this;
    }

    Markup addAll(List<Markup> children) {
        content.addAll(children);
        return this;
    }

    /** An attribute that was set; empty if it was not. */
    String attribute(String name) {
        return attributes.getOrDefault(name, "");
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        write(out);
        return out.toString();
    }

    private void write(StringBuilder out) {
        out.append('<').append(tag);
        attributes.forEach((name, value) -> out.append(' ')
                .append(name)
                .append("=\"")
                .append(escaped(value))
                .append('"'));
        out.append('>');
        if (VOID.contains(tag)) {
            return;
        }
        for (Object part : content) {
            if (part instanceof Markup child) {
                child.write(out);
            } else {
                out.append(escaped((String) part));
            }
        }
        out.append("</").append(tag).append(">\n");
    }

    private static String escaped(String text) {
        return UNSPEAKABLE
                .matcher(text)
                .replaceAll("\ufffd")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** Pictures need no more. */
    private static String number(double value) {
        String digits = String.format(Locale.ROOT, "%.2f", value);
        return digits.contains(".") ? digits.replaceAll("0+$", "").replaceAll("\\.$", "") : digits;
    }
}
