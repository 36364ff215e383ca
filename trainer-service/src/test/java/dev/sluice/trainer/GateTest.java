package dev.sluice.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.Trust;
import dev.sluice.schemas.Vectors;
import dev.sluice.schemas.Vocabulary;
import dev.sluice.trainer.PromotionPolicy.Mode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateTest {
    private static final int HELD_OUT = 100;

    private final Topics topics = Topics.ofDefaults();
    private final MockTopics kafka = new MockTopics(topics.models().name(), 1);
    private final MockTopics log = new MockTopics(topics.deployments().name(), 1);
    private final PublishedModels models = new PublishedModels(kafka.consumer, topics.models(), "default", Trust.OPEN);
    private final DeploymentLog deployments =
            new DeploymentLog(log.consumer, topics.deployments(), "default", Trust.OPEN);
    private final List<Example> holdout = new ArrayList<>();
    private ModelVersion.Builder draft;

    /** The champion, version 1, answers all of the holdout as it is labelled: the labels are its own answers. */
    @BeforeEach
    void deployAChampion() throws Exception {
        draft = TrainedVersions.draft();
        Predictor champion = Predictor.ofUnsealed(draft.build());
        for (int i = 0; i < HELD_OUT; i++) {
            int row = i / 10;
            float[] vector = {i % 10 - 4.5f, row - 4.5f};
            String label = champion.labels().get(Predictor.argMax(champion.predict(vector)));
            holdout.add(Given.example("v-" + i, label, Split.VALIDATION, vector));
        }
        models.follow();
        deployments.follow();
        publish(draft.setVersion(1).build());
        log("{\"version\":1}");
    }

    private void publish(ModelVersion version) {
        ModelVersion sealed = ModelVersions.seal(version);
        kafka.add(
                0,
                ModelVersions.keyOf("default", version.getVersion()),
                topics.models().codec().encode(sealed));
        models.follow();
    }

    private void log(String event) {
        log.add(0, "default", MockTopics.bytes(event));
        deployments.follow();
    }

    /** A challenger that answers so many of the holdout otherwise than they are labelled. */
    private ModelVersion challenger(int wrong) {
        LabelScores scores = new LabelScores(draft.getLabels(), Predictor::argMax, false);
        for (int i = 0; i < HELD_OUT; i++) {
            String label = holdout.get(i).label().orElseThrow();
            float[] answer = new float[draft.getLabels().size()];
            int right = draft.getLabels().indexOf(label);
            answer[i < wrong ? (right + 1) % answer.length : right] = 1;
            scores.add(holdout.get(i), answer);
        }
        return draft.setVersion(2)
                .setEvaluations(List.of(scores.evaluation(Split.VALIDATION)))
                .build();
    }

    private Gate gate() {
        return new Gate(new PromotionPolicy(Mode.AUTO, 0.02, 0), models, deployments);
    }

    @ParameterizedTest
    @CsvSource({"0,true", "1,true", "2,true", "3,false", "99,false"})
    void shouldDeployWhenItIsWorseByNoMoreThanTheLimit(int wrong, boolean deploy) throws Exception {
        Gate.Verdict verdict = gate().judge(challenger(wrong), holdout);

        assertThat(verdict.deploy()).isEqualTo(deploy);
        assertThat(verdict.reason()).contains("on 100 validation examples, version 1 has 1.0000");
        assertThat(verdict.reason().contains("promotion.max.accuracy.drop=0.02"))
                .isEqualTo(!deploy);
    }

    @Test
    void shouldCompareWithTheLiveVersionWhenAnotherIsNewer() throws Exception {
        ModelVersion challenger = challenger(3);
        List<String> mixedUp = new ArrayList<>(draft.getLabels());
        Collections.rotate(mixedUp, 1);
        publish(draft.setVersion(7).setLabels(mixedUp).build());

        assertThat(gate().judge(challenger, holdout).reason()).contains("version 1 has 1.0000");
    }

    @Test
    void shouldDeployNoneWhenPromotionIsManual() throws Exception {
        Gate manual = new Gate(new PromotionPolicy(Mode.MANUAL, 1, 0), models, deployments);

        assertThat(manual.judge(challenger(0), holdout)).isEqualTo(new Gate.Verdict(false, "promotion=manual"));
    }

    @Test
    void shouldDeployAgainWhenThePinIsTakenOff() throws Exception {
        log("{\"action\":\"PIN\"}");
        assertThat(gate().judge(challenger(0), holdout)).isEqualTo(new Gate.Verdict(false, "version 1 is pinned"));

        log("{\"action\":\"UNPIN\"}");
        assertThat(gate().judge(challenger(0), holdout).deploy()).isTrue();
    }

    @Test
    void shouldHoldBackWhenALabelIsFoundTooSeldomAlsoIfNoVersionIsLive() throws Exception {
        DeploymentLog none = new DeploymentLog(
                new MockTopics(topics.deployments().name(), 1).consumer, topics.deployments(), "default", Trust.OPEN);
        Gate strict = new Gate(new PromotionPolicy(Mode.AUTO, 1, 0.95), models, none);

        assertThat(strict.judge(challenger(0), holdout).deploy()).isTrue();
        assertThat(strict.judge(challenger(30), holdout))
                .matches(verdict -> !verdict.deploy())
                .matches(verdict -> verdict.reason().contains("promotion.min.class.recall=0.95"));
    }

    @Test
    void shouldDeployWithoutComparingWhenNothingIsHeldOut() throws Exception {
        ModelVersion worst = challenger(99);

        assertThat(gate().judge(worst, List.of()))
                .isEqualTo(new Gate.Verdict(true, "compared with none: there are no validation examples"));
    }

    /** The challenger's side of an example that the champion sees in its own, older space. */
    private static Example inANewSpace(Example example) {
        EmbeddedPost post = Given.embedded(example.id(), example.label().orElseThrow(), example.split(), 5)
                .setSpace(Given.space("new", 1))
                .setAlternatives(
                        List.of(new AlternativeEmbedding(Vectors.toBytes(example.vector()), Given.space("m", 2))))
                .build();
        return Example.of(example.id(), post, example.place(), true);
    }

    @ParameterizedTest
    @CsvSource({"2,true", "3,false"})
    void shouldCompareEachInItsOwnSpaceWhenTheyAreOfTwo(int wrong, boolean deploy) throws Exception {
        ModelVersion challenger = ModelVersion.newBuilder(challenger(wrong))
                .setSpace(Given.space("new", 1))
                .build();

        Gate.Verdict verdict = gate().judge(
                        challenger, holdout.stream().map(GateTest::inANewSpace).toList());

        assertThat(verdict.reason()).contains("on 100 validation examples, version 1 has 1.0000");
        assertThat(verdict.deploy()).isEqualTo(deploy);
    }

    @Test
    void shouldSayHowManyHaveNoVectorWhenTheSpacesDoNotMeetOnTheWholeHoldout() throws Exception {
        List<Example> mixed = new ArrayList<>(
                holdout.stream().skip(1).map(GateTest::inANewSpace).toList());
        mixed.add(Example.of(
                "only new",
                Given.embedded("only new", "label-0", Split.VALIDATION, 5)
                        .setSpace(Given.space("new", 1))
                        .build(),
                Given.place(0, 0),
                true));

        Gate.Verdict verdict = gate().judge(challenger(99), mixed);

        assertThat(verdict.deploy()).isTrue();
        assertThat(verdict.reason()).contains("another embedding space").contains("1 of 100 validation examples");
    }

    @Test
    void shouldTellTheSpaceThatIsServedWhenAnotherVersionIsDeployed() {
        assertThat(gate().liveSpace()).contains(EmbeddingSpaces.idOf(Given.space("m", 2)));

        publish(draft.setVersion(2).setSpace(Given.space("other", 2)).build());
        log("{\"version\":2}");

        assertThat(gate().liveSpace()).contains(EmbeddingSpaces.idOf(Given.space("other", 2)));
    }

    @ParameterizedTest
    @CsvSource({"space,another embedding space", "labels,labels that are gone", "broken,not sound", "missing,not there"
    })
    void shouldDeployWithoutComparingWhenTheLiveVersionAnswersAnotherQuestion(String what, String reason)
            throws Exception {
        ModelVersion challenger = challenger(99);
        switch (what) {
            case "space" ->
                publish(draft.setVersion(3).setSpace(Given.space("other", 2)).build());
            case "labels" ->
                publish(draft.setVersion(3)
                        .setLabels(List.of("label-0", "label-1", "gone"))
                        .build());
            case "broken" ->
                kafka.add(
                        0,
                        "default/3",
                        topics.models()
                                .codec()
                                .encode(draft.setVersion(3).setSha256("no seal").build()));
            default -> models.follow();
        }
        models.follow();
        log("{\"version\":3}");

        Gate.Verdict verdict = gate().judge(challenger, holdout);

        assertThat(verdict.deploy()).isTrue();
        assertThat(verdict.reason()).startsWith("compared with none: version 3").contains(reason);
    }

    @Test
    void shouldCompareWhenTheChallengerKnowsALabelMore() throws Exception {
        ModelVersion known = challenger(0);
        Gate.Verdict verdict = gate().judge(
                        ModelVersion.newBuilder(known)
                                .setLabels(List.of("label-0", "label-1", "label-2", "more"))
                                .build(),
                        holdout);

        assertThat(verdict.reason()).contains("version 1 has 1.0000");
    }

    /** What a trainer of other settings cannot judge by halves, it does not judge. */
    @ParameterizedTest
    @CsvSource({"true,has", "false,reads words"})
    void shouldCompareWithAChampionThatReadsWordsOnlyWhereTheyAreKept(boolean kept, String said) throws Exception {
        ModelVersion challenger = challenger(0);
        publish(draft.setVersion(3)
                .setInputs(List.of(draft.getInputs().get(0), new Input(InputKind.WORDS, 1)))
                .setWide(new Vocabulary(new long[] {1}, new float[] {1})
                        .asRecord()
                        .setWeights(Vectors.toBytes(new float[3]))
                        .build())
                .build());
        log("{\"version\":3}");
        List<Example> held = holdout.stream()
                .map(it -> Example.of(
                        it.id(),
                        Given.embedded(it.id(), it.label().orElseThrow(), it.split(), it.vector())
                                .build(),
                        it.place(),
                        kept))
                .toList();

        Gate.Verdict verdict = gate().judge(challenger, held);

        assertThat(verdict.reason()).contains("version 3 " + said);
        assertThat(verdict.reason().startsWith("compared with none")).isEqualTo(!kept);
    }

    @Test
    void shouldStopWhenInterrupted() {
        ModelVersion challenger = challenger(0);
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> gate().judge(challenger, holdout)).isInstanceOf(InterruptedException.class);
    }

    /** What the first number's sigmoid says, as two labels: right of 100 mails, but for the threshold. */
    private static ModelVersion sigmoid(int version, Task task, List<String> labels, float slope, Double threshold)
            throws Exception {
        boolean binary = task == Task.BINARY;
        DenseLayer layer = new DenseLayer(
                2,
                binary ? 1 : 2,
                binary ? Activation.SIGMOID : Activation.SOFTMAX,
                Vectors.toBytes(binary ? new float[] {slope, 0} : new float[] {0, 0, slope, 0}),
                Vectors.toBytes(new float[binary ? 1 : 2]));
        return TrainedVersions.draft()
                .setVersion(version)
                .setTask(task)
                .setLabels(labels)
                .setNetwork(new DenseNetwork(List.of(layer)))
                .setCalibration(null)
                .setThreshold(threshold)
                .setSelfTest(List.of())
                .build();
    }

    private static List<Example> mails() {
        List<Example> mails = new ArrayList<>();
        for (int i = 0; i < HELD_OUT; i++) {
            mails.add(Given.example("m-" + i, i < 50 ? "ham" : "spam", Split.VALIDATION, (i - 49.5f) / 10, 0));
        }
        return mails;
    }

    @ParameterizedTest
    @CsvSource({
        "BINARY,ham,spam,1,0.5,true",
        "BINARY,spam,ham,-1,0.5,true",
        "MULTICLASS,ham,spam,1,,true",
        "MULTICLASS,spam,ham,-1,,true",
        "BINARY,ham,spam,1,0.99,true",
        "BINARY,ham,spam,-1,0.5,false"
    })
    void shouldCompareAtTheNewThresholdWhenItGivesAccuracyAway(
            Task task, String first, String second, float slope, Double threshold, boolean deploy) throws Exception {
        // given: from 0.99 on only 4 of the 50 spams are found; the last champion is worse still, and the challenger
        // mirrored
        float own = deploy ? 1 : -1;
        publish(sigmoid(2, task, List.of(first, second), deploy ? slope : 1, threshold));
        log("{\"version\":2}");
        ModelVersion challenger = sigmoid(3, Task.BINARY, List.of("ham", "spam"), own, 0.99);
        challenger = ModelVersion.newBuilder(challenger)
                .setEvaluations(List.of(
                        Scores.of(mails(), Predictor.ofUnsealed(challenger)).evaluation(Split.VALIDATION)))
                .build();

        // when
        Gate.Verdict verdict = gate().judge(challenger, mails());

        // then
        assertThat(verdict.deploy()).isEqualTo(deploy);
        assertThat(verdict.reason())
                .contains((deploy ? "accuracy 0.54" : "accuracy 0.46")
                        + "00 on 100 validation examples, version 2 has 0.5400");
        assertThat(verdict.reason().contains("at the same threshold, 0.99"))
                .isEqualTo(threshold == null || threshold != 0.99);
    }

    /** A regression that answers 10 x and what the second number is off by. */
    private static ModelVersion regression(int version, List<Example> numbers) throws Exception {
        ModelVersion line = TrainedVersions.line(version, 10, 1);
        return ModelVersion.newBuilder(line)
                .setEvaluations(
                        List.of(Scores.of(numbers, Predictor.ofUnsealed(line)).evaluation(Split.VALIDATION)))
                .build();
    }

    /** Targets 10 x, of deviation about 28.9 if there are 100; the first so many are off by so much, above and below by turns. */
    private static List<Example> numbers(int count, int affected, double off) {
        List<Example> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float error = (float) (i < affected ? i % 2 == 0 ? off : -off : 0);
            numbers.add(Given.numbered("n-" + i, i, Split.VALIDATION, i / 10f, error));
        }
        return numbers;
    }

    private Gate.Verdict judgeBesideAPerfectLine(List<Example> numbers, double maxDrop) throws Exception {
        publish(TrainedVersions.line(2, 10, 0));
        log("{\"version\":2}");
        return new Gate(new PromotionPolicy(Mode.AUTO, maxDrop, 0), models, deployments)
                .judge(regression(3, numbers), numbers);
    }

    @ParameterizedTest
    @CsvSource({"0,true", "4,true", "4.2,false", "50,false"}) // 0.02 of the variance, 833, is 16.7: off by 4.08
    void shouldDeployWhenItExplainsNotMuchLessOfTheTargets(double off, boolean deploy) throws Exception {
        Gate.Verdict verdict = judgeBesideAPerfectLine(numbers(HELD_OUT, HELD_OUT, off), 0.02);

        assertThat(verdict.deploy()).isEqualTo(deploy);
        assertThat(verdict.reason())
                .startsWith("R2 ")
                .contains("mean absolute error", "on 100 validation examples, version 2 has 1.0000");
    }

    @ParameterizedTest
    @CsvSource({"1,true", "3,true", "4,false", "20,false"}) // of 20: the mean is 1.8 standard errors, then 2.2
    void shouldHoldBackWhenMoreThanChanceMakesItsErrorsLarger(int affected, boolean deploy) throws Exception {
        assertThat(judgeBesideAPerfectLine(numbers(20, affected, 10), 0.02).deploy())
                .isEqualTo(deploy);
    }

    @ParameterizedTest
    @CsvSource({"3,true", "9,true", "10,false", "11,false"})
    void shouldNotCompareNumbersWhenFewAreHeldOut(int heldOut, boolean deploy) throws Exception {
        Gate.Verdict verdict = judgeBesideAPerfectLine(numbers(heldOut, heldOut, 5), 0.02);

        assertThat(verdict.deploy()).isEqualTo(deploy);
        assertThat(verdict.reason().contains("compared with none: " + heldOut)).isEqualTo(deploy);
    }

    @ParameterizedTest
    @CsvSource({"0.99,false", "1,true"})
    void shouldLetNumbersThroughWhenTheirR2MayDropByOne(double maxDrop, boolean deploy) throws Exception {
        Gate.Verdict verdict = judgeBesideAPerfectLine(numbers(HELD_OUT, HELD_OUT, 50), maxDrop);

        assertThat(verdict.reason()).startsWith("R2 -");
        assertThat(verdict.deploy()).isEqualTo(deploy);
    }

    @Test
    void shouldCompareWithNoneWhenOneAnswersNumbersAndTheOtherLabels() throws Exception {
        Gate.Verdict verdict = gate().judge(regression(2, numbers(20, 0, 0)), numbers(20, 0, 0));

        assertThat(verdict.deploy()).isTrue();
        assertThat(verdict.reason()).contains("version 1 has another task");
    }

    @Test
    void shouldCompareWithNoneWhenAllTargetsAreOne() throws Exception {
        publish(TrainedVersions.line(2, 10, 0));
        log("{\"version\":2}");
        List<Example> equal =
                List.of(Given.numbered("a", 7, Split.VALIDATION, 1, 0), Given.numbered("b", 7, Split.VALIDATION, 2, 0));

        Gate.Verdict verdict = gate().judge(regression(3, equal), equal);

        assertThat(verdict.deploy()).isTrue();
        assertThat(verdict.reason()).contains("all have one target");
    }

    @Test
    void shouldCompareAnswersWhenTwoLabelsBecomeThree() throws Exception {
        // given: the champion has one sigmoid for two of the three labels
        Hyperparameters parameters = Given.parameters("epochs", "1", "hidden.layers", "3");
        List<Example> two = Given.clouds(5, Split.TRAIN, 1).subList(0, 10);
        Splits splits = Splits.of(two, parameters);
        publish(TrainedVersions.of(splits.task(), new ModelTrainer(splits, parameters, new RecordedProgress()).fit())
                .setVersion(2)
                .build());
        log("{\"version\":2}");

        Gate.Verdict verdict = gate().judge(challenger(0), holdout);

        assertThat(verdict.reason()).startsWith("accuracy 1.0000 on 100 validation examples, version 2 has 0.");
    }
}
