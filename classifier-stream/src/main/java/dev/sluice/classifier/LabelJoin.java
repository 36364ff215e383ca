package dev.sluice.classifier;

import dev.sluice.classifier.Knowledge.KnownPost;
import dev.sluice.classifier.Knowledge.SentExample;
import dev.sluice.classifier.Knowledge.Verdict;
import dev.sluice.schemas.Score;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The join of labels with posts and predictions, as a fold over the facts of one post id. A fact changes what is known;
 * what ought to stand outside follows from what is known alone, and the step gives the difference from what stood there
 * before. So the order of posts, labels and answers does not matter in the end, and what comes twice changes nothing.
 *
 * <p>An example leaves only when its post was predicted: a post is scored before it is learned from (prequential
 * evaluation; Dawid 1984, Gama et al. 2013).
 */
final class LabelJoin {
    private LabelJoin() {}

    /** What is to become of the example on {@code labeled-vectors}. */
    enum ExampleChange {
        NONE,
        SEND,
        WITHDRAW
    }

    /**
     * @param example SEND: the post as remembered, with the truth of {@code after.example()}
     * @param scores those taken back first
     * @param outcome what became of a label, if this step decided it
     */
    record Step(Knowledge after, ExampleChange example, List<Score> scores, Optional<LabelOutcome> outcome) {}

    /** @param now when scores that come of it begin to count */
    static Step apply(String id, Knowledge before, Fact fact, Instant now) {
        Knowledge learned = learn(before, fact);
        List<Score> scores = new ArrayList<>();
        Knowledge scored = score(id, before, learned, now, scores);
        boolean withdrawn = fact instanceof Fact.Withdrawn;
        ExampleChange change = withdrawn ? ExampleChange.WITHDRAW : exampleOf(scored);
        Knowledge after = change == ExampleChange.NONE
                ? scored
                : scored.withExample(change == ExampleChange.SEND ? due(scored) : Optional.empty());
        if (fact instanceof Fact.Withdrawn asked && asked.forget()) {
            after = Knowledge.forgotten(now);
        }
        return new Step(after, change, List.copyOf(scores), LabelOutcome.of(before, fact));
    }

    private static Knowledge learn(Knowledge before, Fact fact) {
        if (fact instanceof Fact.Labelled said && !before.refuses(said)) {
            return before.with(Verdict.LABELLED, said.truth());
        }
        if (before.verdict() == Verdict.FORGOTTEN) {
            return before; // what was still on its way when the post was to be forgotten
        }
        if (fact instanceof Fact.Withdrawn) {
            return before.with(Verdict.WITHDRAWN, Truth.NOTHING);
        }
        return fact instanceof Fact.Arrived arrived
                ? arrive(before, arrived)
                : answer(before, ((Fact.Answered) fact).answer());
    }

    private static Knowledge arrive(Knowledge before, Fact.Arrived fact) {
        boolean answered = before.answers().stream()
                        .anyMatch(answer -> !answer.shadow() && answer.source().equals(fact.source()))
                || before.post()
                        .filter(post -> post.answered() && post.source().equals(fact.source()))
                        .isPresent();
        return before.with(Optional.of(new KnownPost(fact.source(), fact.truth(), answered)));
    }

    private static Knowledge answer(Knowledge before, GivenAnswer given) {
        List<GivenAnswer> answers = new ArrayList<>(before.answers());
        Optional<GivenAnswer> same = answers.stream().filter(given::sameCall).findFirst();
        if (same.filter(known -> known.says() || !given.says()).isPresent()) {
            return before; // a prediction is scored once
        }
        same.ifPresent(answers::remove);
        GivenAnswer added = given;
        if (given.shadow()) {
            added = answers.stream()
                    .filter(known -> !known.shadow() && known.source().equals(given.source()))
                    .findFirst()
                    .map(given::beside)
                    .orElse(given);
        } else {
            answers.replaceAll(known ->
                    known.shadow() && known.beside().isEmpty() && known.source().equals(given.source())
                            ? known.beside(given)
                            : known);
        }
        answers.add(added);
        int surplus = Math.max(0, answers.size() - Knowledge.MOST_ANSWERS);
        Knowledge after = before.with(answers.subList(surplus, answers.size()));
        return after.with(after.post()
                .map(post -> given.shadow() || !post.source().equals(given.source())
                        ? post
                        : new KnownPost(post.source(), post.own(), true)));
    }

    /** Every answer counts, does not count, or counts against another truth than it did. */
    private static Knowledge score(String id, Knowledge before, Knowledge learned, Instant now, List<Score> scores) {
        List<GivenAnswer> answers = new ArrayList<>();
        for (GivenAnswer answer : learned.answers()) {
            Optional<Truth> due =
                    answer.scorable() ? learned.truthOf(answer.own()).measuring(answer) : Optional.empty();
            Optional<Truth> stood = answer.scoredAt()
                    .flatMap(counted -> before.truthOf(answer.own()).measuring(answer));
            Instant since = answer.scoredAt().orElse(now);
            if (!due.equals(stood)) {
                stood.ifPresent(truth -> scores.add(scoreOf(id, answer, truth, -1, since)));
                due.ifPresent(truth -> scores.add(scoreOf(id, answer, truth, 1, since)));
            }
            answers.add(answer.scored(due.map(truth -> since)));
        }
        scores.sort((one, other) -> Integer.compare(one.getSign(), other.getSign()));
        return learned.with(answers);
    }

    /** @param truth the half that the answer is measured by */
    private static Score scoreOf(String id, GivenAnswer answer, Truth truth, int sign, Instant since) {
        Score.Builder score = Score.newBuilder()
                .setPostId(id)
                .setVersion(answer.version().orElseThrow())
                .setArm(answer.arm())
                .setTruth(truth.label().orElse(""))
                .setAnswer(answer.label().orElse(""))
                .setTarget(truth.target().orElse(null))
                .setValue(answer.value().orElse(null))
                .setConfidence(answer.confidence())
                .setAbstained(answer.abstained())
                .setSign(sign)
                .setScoredAt(since)
                .setAnsweredAt(answer.answeredAt());
        answer.beside().ifPresent(live -> {
            score.setBesideVersion(live.version().orElse(null));
            if (answer.value().isPresent()) {
                score.setBesideValue(live.value().orElse(null));
            } else {
                score.setBesideRight(live.label()
                        .map(label -> truth.label().equals(Optional.of(label)))
                        .orElse(null));
            }
        });
        return score.build();
    }

    private static ExampleChange exampleOf(Knowledge known) {
        Optional<SentExample> due = due(known);
        if (due.isPresent()) {
            return due.equals(known.example()) ? ExampleChange.NONE : ExampleChange.SEND;
        }
        boolean wrong = known.said().isKnown()
                && known.example()
                        .filter(sent -> !known.said().equals(sent.truth()))
                        .isPresent();
        return wrong ? ExampleChange.WITHDRAW : ExampleChange.NONE; // better no example than a wrong one
    }

    /** What ought to lie on the topic; nothing: whatever lies there may stay until the newest post was predicted. */
    private static Optional<SentExample> due(Knowledge known) {
        return known.post()
                .filter(KnownPost::answered)
                .map(post -> new SentExample(post.source(), known.truthOf(post.own())))
                .filter(example -> example.truth().isKnown());
    }
}
