package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelVersionsTest {
    private static final List<String> NAMES =
            List.of("early.stopping.monitor", "epochs", "seed", "batch.size", "learning.rate", "hidden.layers");

    private static ModelVersion withParameters(List<String> names) {
        Map<String, String> parameters = new LinkedHashMap<>();
        names.forEach(name -> parameters.put(name, "1"));
        ModelVersion version = Examples.modelVersion();
        return ModelVersions.seal(ModelVersion.newBuilder(version)
                .setTraining(Training.newBuilder(version.getTraining())
                        .setParameters(parameters)
                        .build())
                .build());
    }

    @Test
    void shouldKeepItsSealWhenAVersionTravels() {
        RecordCodec<ModelVersion> codec = RecordCodec.of(ModelVersion.class);

        ModelVersion arrived = codec.decode(codec.encode(withParameters(NAMES)));

        assertThat(ModelVersions.sha256Of(arrived)).isEqualTo(arrived.getSha256());
    }

    @Test
    void shouldGiveTheSameSealWhenTheEntriesOfAMapComeInAnotherOrder() {
        List<String> reversed = new ArrayList<>(NAMES);
        Collections.reverse(reversed);

        assertThat(withParameters(reversed).getSha256())
                .isEqualTo(withParameters(NAMES).getSha256());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void shouldBeSoundWhenItWasSealedUnderAnOlderSchema(int number) throws IOException {
        ModelVersion version = golden(number);

        assertThatCode(() -> Predictor.of(version)).doesNotThrowAnyException();
    }

    /** Avro takes it for too short to be one: it was written before evaluations had the fields that they have today. */
    private static ModelVersion withAShortEvaluation(String sha256) {
        return ModelVersion.newBuilder(Examples.modelVersion())
                .setEvaluations(List.of(Evaluation.newBuilder()
                        .setSplit(Split.TEST)
                        .setExamples(4)
                        .setAccuracy(0.75)
                        .setLoss(0.5)
                        .setMacroF1(0.7)
                        .setPerLabel(List.of())
                        .setConfusion(List.of())
                        .build()))
                .setSha256(sha256)
                .setSignature(null)
                .build();
    }

    @Test
    void shouldBeSoundWhenAShortEvaluationWasSealedUnderAnOlderSchema() {
        List<byte[]> written = new RecordBytes<>(ModelVersion.class)
                .ofMakers(withAShortEvaluation(""))
                .toList();

        assertThat(written).isNotEmpty();
        assertThat(written).allSatisfy(bytes -> assertThatCode(
                        () -> Predictor.of(withAShortEvaluation(ModelVersions.sha256(bytes))))
                .doesNotThrowAnyException());
    }

    @Test
    void shouldBeRefusedAsAnyOtherWhenAShortEvaluationHasABrokenSeal() {
        assertThatThrownBy(() -> Predictor.of(withAShortEvaluation("0".repeat(64))))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("changed after it was made");
    }

    @Test
    void shouldNotBeSoundWhenAnOlderSealDoesNotCoverAllThatItSays() throws IOException {
        ModelVersion sealed = golden(1);
        ModelVersion version = ModelVersion.newBuilder(sealed)
                .setTraining(Training.newBuilder(sealed.getTraining())
                        .setDatasetFingerprint("put in later")
                        .build())
                .build();

        assertThatThrownBy(() -> Predictor.of(version))
                .isInstanceOf(InvalidModelException.class)
                .hasMessageContaining("changed after it was made");
    }

    @ParameterizedTest
    @CsvSource({"'',false", "deployed,false", "it is worse,true"})
    void shouldSayWhyAVersionWasHeldBackWhenItWas(String promotion, boolean held) {
        ModelVersion version = Examples.modelVersion();
        ModelVersion judged = ModelVersion.newBuilder(version)
                .setTraining(Training.newBuilder(version.getTraining())
                        .setPromotion(promotion)
                        .build())
                .build();

        assertThat(ModelVersions.heldBack(judged)).isEqualTo(held ? Optional.of(promotion) : Optional.empty());
    }

    private static ModelVersion golden(int number) throws IOException {
        Path file = Path.of("src/test/resources/dev/sluice/schemas/golden/ModelVersion." + number + ".hex");
        byte[] bytes = HexFormat.of().parseHex(Files.readString(file).replaceAll("\\s", ""));
        return RecordCodec.of(ModelVersion.class).decode(bytes);
    }
}
