package dev.sluice.cli;

import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.Mistake;
import java.util.Map;
import java.util.Optional;

/** The part of a report that shows what the version was most wrong about, with the texts as far as they are still there. */
final class ReportMistakes {
    private static final int AT_ONCE = 280;
    private static final int AT_MOST = 5_000;

    private ReportMistakes() {}

    /** @param posts by id */
    static Markup of(Evaluation evaluation, Map<String, EmbeddedPost> posts) {
        Markup list = Markup.of("ol").is("mistakes");
        evaluation
                .getMistakes()
                .forEach(mistake -> list.add(item(mistake, Optional.ofNullable(posts.get(mistake.getPostId())))));
        return list;
    }

    private static Markup item(Mistake mistake, Optional<EmbeddedPost> post) {
        Markup said = Markup.of("p").is("said");
        if (mistake.getTarget().isPresent() && mistake.getValue().isPresent()) {
            double target = mistake.getTarget().get();
            double value = mistake.getValue().get();
            said.add(
                    fact("true", Figures.value(target), ""),
                    fact("answered", Figures.value(value), "wrong-answer"),
                    fact("off by", Figures.value(Math.abs(value - target)), ""));
        } else {
            said.add(
                    fact("true", mistake.getTruth(), ""),
                    fact("answered", mistake.getAnswer(), "wrong-answer"),
                    fact("with", PredictionText.percent(mistake.getConfidence()), ""));
            post.flatMap(each -> each.getPost().getLabel())
                    .filter(label -> !label.equals(mistake.getTruth()))
                    .ifPresent(label -> said.add(fact("labelled since as", label, "")));
        }
        Markup item = Markup.of("li").add(said);
        post.ifPresentOrElse(
                each -> text(each.getText(), item),
                () -> item.add(Markup.of("p", "Its text is not on the topic labeled-vectors any more.")
                        .is("faint")));
        return item.add(Markup.of("p").is("faint").text("post ").add(Markup.of("code", mistake.getPostId())));
    }

    private static Markup fact(String name, String value, String kind) {
        return Markup.of("span")
                .add(
                        Markup.of("span", name + " ").is("faint"),
                        Markup.of("b", value).is(kind).with("dir", "auto"));
    }

    private static void text(String text, Markup item) {
        String stripped = text.strip();
        if (stripped.length() <= AT_ONCE) {
            item.add(Markup.of("p", stripped).is("post").with("dir", "auto"));
            return;
        }
        String shown = cut(stripped, AT_MOST);
        item.add(
                Markup.of("p", cut(stripped, AT_ONCE)).is("post").with("dir", "auto"),
                Markup.of("details")
                        .add(
                                Markup.of("summary", "the whole text"),
                                Markup.of("p", shown).is("post").with("dir", "auto")));
    }

    /** Never through the middle of a letter. */
    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end).stripTrailing() + " …";
    }
}
