package dev.sluice.cli;

/**
 * One picture of a report.
 *
 * @param name of its file, without an ending
 * @param title over it
 * @param caption how to read it, a sentence or two
 * @param width in units of a browser's pixel at its natural size
 * @param svg the picture, without title and caption
 */
record Plot(String name, String title, String caption, double width, Markup svg) {
    /** In a page whose style sheet holds the plots' styles. */
    Markup figure() {
        return Markup.of("figure")
                .with("id", name)
                .add(Markup.of("h3", title), Markup.of("div").is("picture").add(svg), Markup.of("figcaption", caption));
    }

    /** A file of its own: XML with its style, on a ground of its own, in the reader's choice of light or dark. */
    String file() {
        Markup ground = Markup.of("rect").is("ground").with("width", "100%").with("height", "100%");
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                + Markup.of("svg")
                        .with("xmlns", "http://www.w3.org/2000/svg")
                        .with("viewBox", svg.attribute("viewBox"))
                        .with("width", svg.attribute("width"))
                        .with("height", svg.attribute("height"))
                        .add(Markup.of("title", title), Markup.of("style", PlotStyle.css()), ground, svg);
    }
}
