package dev.sluice.classifier;

import static dev.sluice.classifier.Samples.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.classifier.Knowledge.SentExample;
import dev.sluice.classifier.Knowledge.Verdict;
import dev.sluice.classifier.LabelJoin.ExampleChange;
import dev.sluice.classifier.LabelJoin.Step;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Score;
import dev.sluice.schemas.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The join as a pure fold: single steps by hand, then ten thousand random histories against what must hold of them all. */
class LabelJoinTest {
    private static final Instant ANSWERED = TIME.minusSeconds(1);
    private static final List<String> LABELS = List.of("med", "space", "other");
    private static final List<Double> NUMBERS = List.of(1.0, 2.5);

    private final List<Step> steps = new ArrayList<>();
    private Knowledge known = Knowledge.NOTHING;
    private Instant now = TIME;

    private Step hear(Fact fact) {
        now = now.plusSeconds(1);
        Step step = LabelJoin.apply("p", known, fact, now);
        known = KnowledgeCodec.decode(KnowledgeCodec.encode(step.after()));
        assertThat(known).isEqualTo(step.after());
        steps.add(step);
        return step;
    }

    private static Source source(int number) {
        return new Source("posts", 0, (long) number);
    }

    private static Fact post(int source) {
        return new Fact.Arrived(source(source), Truth.NOTHING);
    }

    private static Fact post(int source, String label) {
        return new Fact.Arrived(source(source), Truth.of(label));
    }

    private static Fact label(String label) {
        return said(Truth.of(label));
    }

    private static Fact target(double target) {
        return said(Truth.of(target));
    }

    private static Fact said(Truth truth) {
        return new Fact.Labelled(truth, Optional.empty());
    }

    private static Truth both(String label, double target) {
        return new Truth(Optional.of(label), Optional.of(target));
    }

    private static Fact withdrawal() {
        return new Fact.Withdrawn(false);
    }

    private static Fact forgetting() {
        return new Fact.Withdrawn(true);
    }

    private static Fact answer(int source, Arm arm, int version, String label) {
        return answer(source, arm, Optional.of(version), Optional.of(label), Optional.empty(), Truth.NOTHING);
    }

    private static Fact noModel(int source) {
        return answer(source, Arm.LIVE, Optional.empty(), Optional.empty(), Optional.empty(), Truth.NOTHING);
    }

    private static Fact number(int source, Arm arm, int version, double value) {
        return answer(source, arm, Optional.of(version), Optional.empty(), Optional.of(value), Truth.NOTHING);
    }

    private static Fact answer(
            int source, Arm arm, Optional<Integer> version, Optional<String> label, Optional<Double> value, Truth own) {
        return new Fact.Answered(new GivenAnswer(
                source(source),
                arm,
                version,
                false,
                label,
                label.isPresent() ? 0.75f : 0,
                value,
                own,
                Optional.empty(),
                Optional.empty(),
                ANSWERED));
    }

    private List<String> scores() {
        return steps.stream()
                .flatMap(step -> step.scores().stream())
                .map(score -> (score.getSign() > 0 ? "+" : "-") + score.getArm() + " " + score.getVersion() + " "
                        + score.getValue().map(String::valueOf).orElse(score.getAnswer()) + "/"
                        + score.getTarget().map(String::valueOf).orElse(score.getTruth()))
                .toList();
    }

    private List<ExampleChange> examples() {
        return steps.stream()
                .map(Step::example)
                .filter(change -> change != ExampleChange.NONE)
                .toList();
    }

    private Optional<String> example() {
        return known.example().flatMap(sent -> sent.truth().label());
    }

    @Test
    void shouldLearnFromAPostOnlyWhenItWasPredicted() {
        hear(post(1, "med"));
        assertThat(example()).isEmpty();
        hear(answer(1, Arm.SHADOW, 2, "med"));
        assertThat(example()).isEmpty();
        hear(answer(2, Arm.LIVE, 1, "med"));
        assertThat(example()).isEmpty();

        assertThat(hear(noModel(1)).example()).isEqualTo(ExampleChange.SEND);
        assertThat(known.example()).contains(new SentExample(source(1), Truth.of("med")));
    }

    @Test
    void shouldCountAnAnswerWhenTheLabelComesAfterIt() {
        hear(post(1));
        hear(answer(1, Arm.CANARY, 3, "space"));
        assertThat(examples()).isEmpty();

        hear(label("med"));

        assertThat(scores()).containsExactly("+CANARY 3 space/med");
        assertThat(steps.get(2).scores().get(0).getScoredAt()).isEqualTo(now);
        assertThat(steps.get(2).scores().get(0).getAnsweredAt()).isEqualTo(ANSWERED);
        assertThat(example()).contains("med");
        assertThat(steps.get(2).outcome()).contains(LabelOutcome.JOINED);
    }

    @Test
    void shouldTakeAScoreBackAsItWasGivenWhenTheLabelIsCorrectedOrWithdrawn() {
        hear(label("med"));
        hear(answer(1, Arm.LIVE, 3, "space"));
        Instant counted = now;
        hear(post(1));
        Step correction = hear(label("space"));
        Step again = hear(label("space"));
        Step withdrawal = hear(withdrawal());

        assertThat(scores())
                .containsExactly(
                        "+LIVE 3 space/med", "-LIVE 3 space/med", "+LIVE 3 space/space", "-LIVE 3 space/space");
        assertThat(steps.stream().flatMap(step -> step.scores().stream()).map(Score::getScoredAt))
                .containsOnly(counted);
        assertThat(examples()).containsExactly(ExampleChange.SEND, ExampleChange.SEND, ExampleChange.WITHDRAW);
        assertThat(correction.outcome()).contains(LabelOutcome.CORRECTED);
        assertThat(again.outcome()).contains(LabelOutcome.REPEATED);
        assertThat(withdrawal.outcome()).contains(LabelOutcome.WITHDRAWN);
        assertThat(steps.get(0).outcome()).contains(LabelOutcome.WAITING);
        assertThat(steps.get(2).outcome()).contains(LabelOutcome.JOINED);
    }

    @Test
    void shouldPreferWhatWasSaidLaterToTheLabelThatThePostCameWith() {
        hear(post(1, "med"));
        hear(answer(1, Arm.LIVE, Optional.of(3), Optional.of("space"), Optional.empty(), Truth.of("med")));
        assertThat(example()).contains("med");

        hear(label("space"));
        assertThat(example()).contains("space");
        hear(withdrawal());

        assertThat(scores())
                .containsExactly(
                        "+LIVE 3 space/med", "-LIVE 3 space/med", "+LIVE 3 space/space", "-LIVE 3 space/space");
        assertThat(hear(post(2, "med")).example()).isEqualTo(ExampleChange.NONE);
        assertThat(hear(noModel(2)).example()).isEqualTo(ExampleChange.NONE);
    }

    @Test
    void shouldWithdrawTheExampleAlsoWhenThePostIsRememberedNoMore() {
        assertThat(hear(withdrawal()).example()).isEqualTo(ExampleChange.WITHDRAW);
    }

    @Test
    void shouldScoreAShadowBesideTheAnswerGivenLive() {
        hear(label("med"));
        hear(answer(1, Arm.SHADOW, 4, "med"));
        assertThat(scores()).isEmpty();
        Step both = hear(answer(1, Arm.LIVE, 3, "space"));

        assertThat(scores()).containsExactly("+SHADOW 4 med/med", "+LIVE 3 space/med");
        assertThat(both.scores().get(0).getBesideVersion()).contains(3);
        assertThat(both.scores().get(0).getBesideRight()).contains(false);
        assertThat(both.scores().get(1).getBesideVersion()).isEmpty();
        assertThat(hear(label("space")).scores())
                .filteredOn(score -> score.getArm() == Arm.SHADOW)
                .extracting(score -> score.getBesideRight().orElseThrow())
                .containsExactly(false, true);
    }

    @Test
    void shouldCountOneAnswerForEachCallWhenPredictionsRepeat() {
        hear(label("med"));
        hear(noModel(1));
        hear(answer(1, Arm.LIVE, 1, "med"));
        hear(answer(1, Arm.LIVE, 2, "space"));
        hear(answer(1, Arm.CANARY, 2, "space"));
        hear(noModel(1));

        assertThat(scores()).containsExactly("+LIVE 1 med/med");
    }

    @Test
    void shouldLearnFromTheNewestWhenAPostIsSentAgain() {
        hear(post(1));
        hear(answer(1, Arm.LIVE, 1, "med"));
        hear(label("med"));
        assertThat(hear(post(2)).example()).isEqualTo(ExampleChange.NONE);
        assertThat(hear(answer(2, Arm.LIVE, 1, "med")).example()).isEqualTo(ExampleChange.SEND);
        assertThat(known.example()).contains(new SentExample(source(2), Truth.of("med")));
        assertThat(scores()).containsExactly("+LIVE 1 med/med", "+LIVE 1 med/med");

        // and a label that holds no more is not left standing while the newest waits for its prediction
        hear(post(3));
        assertThat(hear(label("space")).example()).isEqualTo(ExampleChange.WITHDRAW);
        assertThat(hear(noModel(3)).example()).isEqualTo(ExampleChange.SEND);
    }

    @Test
    void shouldForgetWhatIsRememberedAndWhatIsStillOnItsWay() {
        hear(post(1));
        hear(answer(1, Arm.LIVE, 1, "med"));
        hear(label("med"));

        Step forgotten = hear(forgetting());
        hear(answer(2, Arm.LIVE, 1, "med"));
        hear(post(2, "med"));

        assertThat(forgotten.example()).isEqualTo(ExampleChange.WITHDRAW);
        assertThat(forgotten.scores()).extracting(Score::getSign).containsExactly(-1);
        assertThat(known).isEqualTo(Knowledge.forgotten(TIME.plusSeconds(4)));
        hear(withdrawal());
        assertThat(known).isEqualTo(Knowledge.forgotten(TIME.plusSeconds(4)));
        hear(forgetting());
        assertThat(known).isEqualTo(Knowledge.forgotten(now));
    }

    @ParameterizedTest
    @CsvSource({"-1, false", "0, false", "1, true"})
    void shouldBringAForgottenPostBackOnlyWhenItsLabelWasSaidAfterThat(long millis, boolean back) {
        // given
        hear(forgetting());
        Instant forgotten = now;

        // when
        Step unknown = hear(label("med"));
        Step step = hear(new Fact.Labelled(Truth.of("med"), Optional.of(forgotten.plusMillis(millis))));
        hear(post(3));
        hear(noModel(3));

        // then
        assertThat(unknown.outcome()).contains(LabelOutcome.FORGOTTEN);
        assertThat(step.outcome()).contains(back ? LabelOutcome.WAITING : LabelOutcome.FORGOTTEN);
        assertThat(example().isPresent()).isEqualTo(back);
        assertThat(known.verdict()).isEqualTo(back ? Verdict.LABELLED : Verdict.FORGOTTEN);
    }

    @Test
    void shouldRememberOnlySoManyAnswersAndLetTheScoresOfOldOnesStand() {
        hear(label("med"));
        IntStream.range(0, Knowledge.MOST_ANSWERS).forEach(i -> hear(answer(i, Arm.LIVE, 1, "med")));
        assertThat(known.answers()).hasSize(Knowledge.MOST_ANSWERS);
        hear(answer(99, Arm.LIVE, 1, "med"));
        assertThat(known.answers()).hasSize(Knowledge.MOST_ANSWERS);
        assertThat(scores()).hasSize(Knowledge.MOST_ANSWERS + 1).containsOnly("+LIVE 1 med/med");
        assertThat(hear(withdrawal()).scores()).hasSize(Knowledge.MOST_ANSWERS);
    }

    @Test
    void shouldMeasureANumberByTheTargetAndTakeItBackWhenTheTargetIsCorrectedOrWithdrawn() {
        hear(post(1));
        hear(number(1, Arm.LIVE, 3, 2.5));
        Step first = hear(target(2));
        Step corrected = hear(target(4));
        Step withdrawn = hear(withdrawal());

        assertThat(scores())
                .containsExactly("+LIVE 3 2.5/2.0", "-LIVE 3 2.5/2.0", "+LIVE 3 2.5/4.0", "-LIVE 3 2.5/4.0");
        assertThat(first.outcome()).contains(LabelOutcome.JOINED);
        assertThat(first.after().example()).contains(new SentExample(source(1), Truth.of(2)));
        assertThat(first.scores().get(0).getTruth()).isEmpty();
        assertThat(first.scores().get(0).getAnswer()).isEmpty();
        assertThat(corrected.outcome()).contains(LabelOutcome.CORRECTED);
        assertThat(examples()).containsExactly(ExampleChange.SEND, ExampleChange.SEND, ExampleChange.WITHDRAW);
        assertThat(withdrawn.after().example()).isEmpty();
    }

    @Test
    void shouldMeasureEachAnswerByItsHalfOfTheTruthAndKeepBothInTheExample() {
        hear(post(1));
        hear(answer(1, Arm.LIVE, 3, "space"));
        hear(post(2));
        hear(number(2, Arm.LIVE, 4, 2.5));
        hear(said(both("med", 1)));
        assertThat(known.example()).contains(new SentExample(source(2), both("med", 1)));
        hear(said(both("med", 2))); // the class stays as it was, so its score does too
        hear(label("med"));

        assertThat(scores())
                .containsExactly(
                        "+LIVE 3 space/med",
                        "+LIVE 4 2.5/1.0",
                        "-LIVE 4 2.5/1.0",
                        "+LIVE 4 2.5/2.0",
                        "-LIVE 4 2.5/2.0");
        assertThat(known.example()).contains(new SentExample(source(2), Truth.of("med")));
    }

    @Test
    void shouldScoreARegressionsShadowBesideTheNumberAnsweredLive() {
        hear(target(2));
        hear(number(1, Arm.SHADOW, 4, 2.5));
        hear(number(1, Arm.LIVE, 3, 1));
        hear(answer(2, Arm.LIVE, 5, "med"));
        hear(number(2, Arm.SHADOW, 4, 2.25));

        List<Score> shadows = steps.stream()
                .flatMap(step -> step.scores().stream())
                .filter(score -> score.getArm() == Arm.SHADOW)
                .toList();
        assertThat(shadows).hasSize(2);
        assertThat(shadows.get(0).getBesideVersion()).contains(3);
        assertThat(shadows.get(0).getBesideValue()).contains(1.0);
        assertThat(shadows.get(0).getBesideRight()).isEmpty();
        assertThat(shadows.get(1).getBesideVersion()).contains(5);
        assertThat(shadows.get(1).getBesideValue()).as("it says a label").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, 1e300})
    void shouldPassOnANumberThatIsNoneAndMeasureNothingByIt(double number) {
        Truth none = Truth.of(number);
        hear(new Fact.Arrived(source(1), none));
        hear(answer(1, Arm.LIVE, Optional.of(4), Optional.empty(), Optional.of(2.5), none));

        assertThat(known.example()).contains(new SentExample(source(1), none));
        assertThat(scores()).isEmpty();
        hear(target(3));
        assertThat(scores()).containsExactly("+LIVE 4 2.5/3.0");
    }

    /** The whole of a history: two posts of one id, their answers, and labels; only what comes from one topic keeps its order. */
    private static List<List<Fact>> history(Random random) {
        Truth own = random.nextBoolean() ? truth(random) : Truth.NOTHING;
        boolean numbers = random.nextBoolean(); // what the live version says; a shadow may be of the other kind
        List<Fact> posts = new ArrayList<>();
        List<Fact> live = new ArrayList<>();
        List<Fact> shadows = new ArrayList<>();
        for (int source = 1; source <= 1 + random.nextInt(2); source++) {
            posts.add(new Fact.Arrived(source(source), own));
            Arm arm = random.nextBoolean() ? Arm.LIVE : Arm.CANARY;
            live.add(
                    random.nextInt(4) > 0
                            ? answer(random, source, arm, 1, numbers, own)
                            : answer(source, arm, Optional.empty(), Optional.empty(), Optional.empty(), own));
            if (random.nextBoolean()) {
                shadows.add(answer(random, source, Arm.SHADOW, 2, numbers ^ random.nextInt(4) == 0, own));
            }
        }
        List<Fact> labels = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            labels.add(random.nextInt(3) == 0 ? withdrawal() : said(truth(random)));
        }
        List<List<Fact>> topics = List.of(posts, live, shadows, labels);
        topics.forEach(
                topic -> { // at least once: any record may come twice
                    if (!topic.isEmpty() && random.nextInt(4) == 0) {
                        topic.add(topic.get(topic.size() - 1));
                    }
                });
        return topics;
    }

    private static Fact answer(Random random, int source, Arm arm, int version, boolean number, Truth own) {
        return answer(
                source,
                arm,
                Optional.of(version),
                number ? Optional.empty() : Optional.of(pick(random, LABELS)),
                number ? Optional.of(pick(random, NUMBERS)) : Optional.empty(),
                own);
    }

    private static Truth truth(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> Truth.of(pick(random, LABELS));
            case 1 -> Truth.of(pick(random, NUMBERS));
            default -> both(pick(random, LABELS), pick(random, NUMBERS));
        };
    }

    private static <T> T pick(Random random, List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static List<Fact> shuffled(List<List<Fact>> topics, Random random) {
        List<Integer> turns = new ArrayList<>();
        for (int topic = 0; topic < topics.size(); topic++) {
            turns.addAll(Collections.nCopies(topics.get(topic).size(), topic));
        }
        Collections.shuffle(turns, random);
        int[] next = new int[topics.size()];
        return turns.stream().map(topic -> topics.get(topic).get(next[topic]++)).toList();
    }

    @Test
    void shouldComeToTheSameInWhateverOrderFactsCome() {
        Random random = new Random(4);
        for (int round = 0; round < 10_000; round++) {
            List<List<Fact>> topics = history(random);
            List<Fact> facts = shuffled(topics, random);
            known = Knowledge.NOTHING;
            steps.clear();
            Set<Source> predicted = new HashSet<>();
            Map<Score, Integer> exact = new HashMap<>();
            Map<String, Integer> standing = new HashMap<>();
            for (Fact fact : facts) {
                if (fact instanceof Fact.Answered given && !given.answer().shadow()) {
                    predicted.add(given.answer().source());
                }
                Step step = hear(fact);
                for (Score score : step.scores()) {
                    Score counted = Score.newBuilder(score).setSign(1).build();
                    assertThat(exact.merge(counted, score.getSign(), Integer::sum))
                            .as("what is taken back in %s was given", facts)
                            .isNotNegative();
                    standing.merge(keyOf(score), score.getSign(), Integer::sum);
                }
                if (step.example() == ExampleChange.SEND) {
                    assertThat(predicted)
                            .as("%s", facts)
                            .contains(known.example().orElseThrow().source());
                }
            }
            standing.values().removeIf(count -> count == 0);
            assertThat(standing).as("scores of %s", facts).isEqualTo(scoresDue(topics));
            assertThat(known.example()).as("example of %s", facts).isEqualTo(exampleDue(topics));
        }
    }

    private static String keyOf(Score score) {
        return score.getArm()
                + (score.getValue().isPresent()
                        ? " " + score.getValue().get() + score.getTarget() + score.getBesideValue()
                        : score.getAnswer() + score.getTruth() + score.getBesideRight());
    }

    /** Said apart from the fold: the last word on the label, and each first answer against it. */
    private static Map<String, Integer> scoresDue(List<List<Fact>> topics) {
        Map<String, Integer> due = new HashMap<>();
        Map<Source, GivenAnswer> live = new HashMap<>();
        answers(topics.get(1)).forEach(answer -> live.putIfAbsent(answer.source(), answer));
        Map<Source, GivenAnswer> shadows = new HashMap<>();
        answers(topics.get(2)).forEach(answer -> shadows.putIfAbsent(answer.source(), answer));
        Stream.concat(live.values().stream().filter(GivenAnswer::says), shadows.values().stream())
                .flatMap(answer -> {
                    Truth truth = truth(topics, answer.own());
                    Optional<GivenAnswer> beside =
                            Optional.of(live.get(answer.source())).filter(other -> answer.shadow());
                    return answer.value().isPresent()
                            ? truth.target().stream()
                                    .map(target -> answer.arm() + " "
                                            + answer.value().get() + truth.target()
                                            + beside.flatMap(GivenAnswer::value))
                            : truth.label().stream()
                                    .map(label -> answer.arm()
                                            + answer.label().orElseThrow()
                                            + label
                                            + beside.flatMap(GivenAnswer::label).map(label::equals));
                })
                .forEach(key -> due.merge(key, 1, Integer::sum));
        return due;
    }

    private static List<GivenAnswer> answers(List<Fact> topic) {
        return topic.stream().map(fact -> ((Fact.Answered) fact).answer()).toList();
    }

    private static Optional<SentExample> exampleDue(List<List<Fact>> topics) {
        Fact.Arrived newest = (Fact.Arrived) topics.get(0).get(topics.get(0).size() - 1);
        return Optional.of(truth(topics, newest.truth()))
                .filter(Truth::isKnown)
                .map(truth -> new SentExample(newest.source(), truth));
    }

    private static Truth truth(List<List<Fact>> topics, Truth own) {
        List<Fact> labels = topics.get(3);
        if (labels.isEmpty()) {
            return own;
        }
        return labels.get(labels.size() - 1) instanceof Fact.Labelled last ? last.truth() : Truth.NOTHING;
    }
}
