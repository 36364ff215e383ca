package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MarkupTest {
    @Test
    void shouldEscapeTextsAndAttributesWhenTheyHoldMarkup() {
        Markup element = Markup.of("p", "<b>\"1\" & '2'</b>").with("title", "\"><script>");

        assertThat(element)
                .hasToString(
                        "<p title=\"&quot;&gt;&lt;script&gt;\">&lt;b&gt;&quot;1&quot; &amp; &#39;2&#39;&lt;/b&gt;</p>\n");
    }

    @Test
    void shouldReplaceWhatXmlCannotSayAndWhatTurnsTheTextWhenATextHoldsIt() {
        assertThat(Markup.of("p", "a\u0000b\u001fc\ud800d\u202ee\ufffff").toString())
                .isEqualTo("<p>a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf</p>\n");
        assertThat(Markup.of("p", "\t\n é 日 \ud83d\ude80").toString()).isEqualTo("<p>\t\n é 日 \ud83d\ude80</p>\n");
    }

    @Test
    void shouldEndEveryElementButThoseThatHtmlKnowsWithoutAnEnd() {
        assertThat(Markup.of("div").add(Markup.of("meta"), Markup.of("rect")))
                .hasToString("<div><meta><rect></rect>\n</div>\n");
    }

    @Test
    void shouldWriteFewDigitsWhenAnAttributeIsANumber() {
        assertThat(Markup.of("a")
                        .with("x", 1.0)
                        .with("y", 1.005e3)
                        .with("z", -0.126)
                        .with("n", 100.0))
                .hasToString("<a x=\"1\" y=\"1005\" z=\"-0.13\" n=\"100\"></a>\n");
    }
}
