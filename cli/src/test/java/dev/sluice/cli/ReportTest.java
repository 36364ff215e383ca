package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.schemas.CalibrationBin;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.Evaluation;
import dev.sluice.schemas.LabelScore;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.TargetPoint;
import dev.sluice.schemas.Training;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The page and its pictures as texts; how they look in a browser is for {@link ReportIT}. */
class ReportTest {
    private static final List<String> NAMES = List.of("sci.crypt", "sci.electronics", "sci.med", "sci.space");
    private static final String GONE = "not on the topic labeled-vectors any more";

    static Stream<ModelVersion> versions() {
        return Stream.of(
                SampleVersions.multiclass(NAMES, 20),
                SampleVersions.multiclass(List.of("</svg>", "\u0000'\"&", "שלום"), 1),
                SampleVersions.multiclass(
                        IntStream.range(0, 60)
                                .mapToObj(i -> "a label with a long name, number " + i)
                                .toList(),
                        3),
                SampleVersions.binary(200),
                SampleVersions.regression(2),
                SampleVersions.bare());
    }

    @ParameterizedTest
    @MethodSource("versions")
    void shouldBeWholeAndHoldNoScriptAndAskForNothingWhateverTheVersionKnows(ModelVersion version) {
        String html = new Report(version, Map.of()).html();

        assertThat(html)
                .startsWith("<!DOCTYPE html>")
                .endsWith("</html>\n")
                .contains("default, version " + version.getVersion())
                .contains(version.getSha256())
                .doesNotContain("NaN", "Infinity", "Optional", "<script", "<link", "src=", "href=", "@import", "url(");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void shouldBeXmlWhenAPlotIsAFileOfItsOwn(ModelVersion version) throws Exception {
        for (Plot plot : new Report(version, Map.of()).plots()) {
            Element svg = parse(plot);

            assertThat(svg.getTagName()).isEqualTo("svg");
            assertThat(svg.getAttribute("viewBox")).matches("0 0 \\d+ \\d+");
            assertThat(plot.file()).doesNotContain("NaN", "Infinity").doesNotContainPattern("\\$[a-z]");
        }
    }

    @Test
    void shouldHaveThePlotsOfItsTaskWhenAVersionKnowsAll() {
        assertThat(plots(SampleVersions.multiclass(NAMES, 20)))
                .containsExactly("curve-loss", "curve-accuracy", "confusion", "calibration");
        assertThat(plots(SampleVersions.binary(20)))
                .containsExactly("curve-loss", "curve-accuracy", "curve-auc", "confusion", "roc", "calibration");
        assertThat(plots(SampleVersions.regression(20)))
                .containsExactly("curve-loss", "curve-mean-absolute-error", "targets");
        assertThat(plots(SampleVersions.bare())).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 200})
    void shouldHaveAPointForEachEpochWhenItIsACurve(int epochs) throws Exception {
        Plot loss = new Report(SampleVersions.multiclass(NAMES, epochs), Map.of())
                .plots()
                .get(0);

        NodeList curves = parse(loss).getElementsByTagName("polyline");

        assertThat(curves.getLength()).isEqualTo(2);
        assertThat(((Element) curves.item(0)).getAttribute("points").split(" ")).hasSize(epochs);
    }

    @Test
    void shouldBeADotWhenACurveHasOneEpoch() throws Exception {
        Plot loss = new Report(SampleVersions.multiclass(NAMES, 1), Map.of())
                .plots()
                .get(0);

        assertThat(parse(loss).getElementsByTagName("polyline").getLength()).isZero();
        assertThat(parse(loss).getElementsByTagName("circle").getLength()).isEqualTo(2);
    }

    @Test
    void shouldShowTheTextAsATextWhenItHoldsAScript() {
        EmbeddedPost evil = EmbeddedPost.newBuilder(new HandMadeModels(2, 2, 2).post(0))
                .setText("<script>alert('x')</script>")
                .build();

        String html = new Report(SampleVersions.multiclass(NAMES, 2), Map.of("post-0", evil)).html();

        assertThat(html)
                .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;")
                .doesNotContain("<script");
    }

    @Test
    void shouldSaySoWhenATextIsGone() {
        ModelVersion version = SampleVersions.multiclass(NAMES, 2);
        EmbeddedPost there = new HandMadeModels(2, 2, 2).post(3);

        assertThat(new Report(version, Map.of()).html().split(GONE, -1)).hasSize(7);
        assertThat(new Report(version, Map.of("post-3", there)).html().split(GONE, -1))
                .hasSize(6);
    }

    @Test
    void shouldOfferTheRestWhenATextIsLongAndNeverCutALetter() {
        EmbeddedPost post = EmbeddedPost.newBuilder(new HandMadeModels(2, 2, 2).post(0))
                .setText("x" + "\ud83d\ude80".repeat(5_000))
                .build();

        String html = new Report(SampleVersions.multiclass(NAMES, 2), Map.of("post-0", post)).html();

        assertThat(html).contains("the whole text").doesNotContain("\ufffd");
    }

    @Test
    void shouldCountLayersAsKerasDoesWhenItIsTheNotebooksNetwork() {
        LayerTable layers = LayerTable.of(SampleVersions.multiclass(NAMES, 1));

        assertThat(layers.parameters()).isEqualTo(593_668);
        assertThat(layers.lines())
                .containsExactly(
                        "layer     type            outputs  parameters",
                        "input     embedding           768           0",
                        "hidden 1  dense, relu         768     590,592",
                        "output    dense, softmax        4       3,076",
                        "total                           -     593,668");
    }

    @Test
    void shouldLeaveTheStyleAsItIsWhenItIsWrittenIntoAPage() {
        assertThat(PlotStyle.pageCss()).doesNotContain("<", ">", "&", "\"", "'", "$");
    }

    /** Wilson's interval of 9 right of 10, by hand. */
    @Test
    void shouldTellHowLittleFewAnswersSay() {
        assertThat(JudgementPlots.wilson(0.9, 10)).containsExactly(new double[] {0.5958, 0.9821}, within(1e-4));
        assertThat(JudgementPlots.wilson(0, 1)[0]).isZero();
        assertThat(JudgementPlots.wilson(1, 1)[1]).isEqualTo(1);
    }

    @Test
    void shouldPutTheDotWhereTheVersionsThresholdIsWhenItIsARocCurve() throws Exception {
        ModelVersion version = SampleVersions.binary(2);
        List<List<Long>> counts = version.getEvaluations().get(1).getConfusion();
        Plot roc = JudgementPlots.roc(version, version.getEvaluations().get(1)).orElseThrow();

        Element dot = (Element) parse(roc).getElementsByTagName("circle").item(0);
        double taken = (Double.parseDouble(dot.getAttribute("cx")) - 54) / (400 - 54 - 14);
        double found = 1 - (Double.parseDouble(dot.getAttribute("cy")) - 12) / (400 - 12 - 44);

        assertThat(taken)
                .isCloseTo(
                        (double) counts.get(0).get(1)
                                / (counts.get(0).get(0) + counts.get(0).get(1)),
                        within(1e-3));
        assertThat(found)
                .isCloseTo(
                        (double) counts.get(1).get(1)
                                / (counts.get(1).get(0) + counts.get(1).get(1)),
                        within(1e-3));
        assertThat(dot.getTextContent().strip()).isEqualTo("threshold 0.37");
    }

    @Test
    void shouldDrawWhatItCanWhenTheFiguresAreOdd() {
        ModelVersion sample = SampleVersions.regression(3);
        List<Epoch> epochs = sample.getTraining().getHistory();
        Epoch poor = Epoch.newBuilder(epochs.get(0))
                .setEpoch(9)
                .setLoss(Double.NaN)
                .setAccuracy(0)
                .setValAccuracy(0.0)
                .setAuc(0.0)
                .build();
        ModelVersion odd = ModelVersion.newBuilder(sample)
                .setTraining(Training.newBuilder(sample.getTraining())
                        .setBestEpoch(77)
                        .setHistory(List.of(poor, epochs.get(1), epochs.get(0)))
                        .build())
                .setEvaluations(
                        List.of(Evaluation.newBuilder(sample.getEvaluations().get(0))
                                .setTargets(List.of(new TargetPoint(Double.NaN, 1.0), new TargetPoint(-1e308, 1e308)))
                                .setReliability(List.of(new CalibrationBin(0L, 0.5, 0.5)))
                                .setConfusion(List.of(List.of(1L)))
                                .build()))
                .build();

        assertThat(plots(odd)).containsExactly("curve-loss", "curve-mean-absolute-error", "curve-auc");
        assertThat(new Report(odd, Map.of()).html()).doesNotContain("NaN\"", "kept: 77");
    }

    @Test
    void shouldDrawOnlyWhatIsThereWhenThereAreManyLabels() {
        for (int labels : new int[] {100, 101}) {
            List<List<Long>> counts = IntStream.range(0, labels)
                    .mapToObj(i -> IntStream.range(0, labels)
                            .mapToObj(j -> i == j ? 1L : 0L)
                            .toList())
                    .toList();
            String plot = ConfusionPlot.of(
                            new ConfusionMatrix(
                                    IntStream.range(0, labels)
                                            .mapToObj(i -> "l" + i)
                                            .toList(),
                                    counts),
                            "")
                    .file();

            assertThat(plot.split("data-cell=", -1)).hasSize(1 + (labels == 100 ? 10_000 : 101));
        }
    }

    @Test
    void shouldMeanTheSameLabelsInAllColumnsWhenSomeDoNotOccur() {
        Evaluation all = SampleVersions.multiclass(NAMES, 1).getEvaluations().get(0);
        Evaluation part = Evaluation.newBuilder(all)
                .setExamples(99L)
                .setMacroF1(0.9)
                .setPerLabel(List.of(new LabelScore("a", 0.8, 1.0, 0.9, 4L), new LabelScore("b", 0.0, 0.0, 0.0, 0L)))
                .setConfusion(List.of(List.of(4L, 0L), List.of(0L, 0L)))
                .build();

        String table = ReportTables.labels(part).toString();

        assertThat(table.substring(table.indexOf("mean over labels"))
                        .replaceAll("<[^>]*>", " ")
                        .split("\\s+"))
                .containsSubsequence("0.8000", "1.0000", "0.9000", "4")
                .doesNotContain("99");
    }

    @Test
    void shouldTellAClassFromASplitWhenItIsCalledAsOne() {
        String lineage = ReportLineage.of(SampleVersions.multiclass(List.of("test", "validation"), 1))
                .toString();

        assertThat(lineage.replaceAll("<[^>]*>|\\n", " ").replaceAll(" +", " "))
                .contains("of test 100", "of validation 100", " validation 50 test 100");
    }

    @ParameterizedTest
    @CsvSource({"0.0004, 0.000400", "0.9996, 0.9996", "0.5, 0.5"})
    void shouldShowAThresholdNearTheEndsAsItIs(double threshold, String text) {
        ModelVersion version = ModelVersion.newBuilder(SampleVersions.binary(1))
                .setThreshold(threshold)
                .build();

        assertThat(JudgementPlots.threshold(version)).isEqualTo(text);
    }

    @Test
    void shouldAskTheSystemItRunsOnWhenItOpensAPage() {
        assertThat(ReportCommand.opener("Linux")).containsExactly("xdg-open");
        assertThat(ReportCommand.opener("Mac OS X")).containsExactly("open");
        assertThat(ReportCommand.opener("Windows 11")).startsWith("rundll32");
    }

    private static List<String> plots(ModelVersion version) {
        return new Report(version, Map.of()).plots().stream().map(Plot::name).toList();
    }

    private static Element parse(Plot plot) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(plot.file().getBytes(StandardCharsets.UTF_8)))
                .getDocumentElement();
    }
}
