package dev.sluice.fuzz;

import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.Vectors;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every record of the contract, in Avro of each published schema and in JSON; models as far as their answers; deployments as far as the fold. */
class RecordsFuzzTest {
    static final String[] JSON = {
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u0000",
        "\\ud800",
        "\\uDE80\\uD83D",
        "null",
        "true",
        "false",
        "NaN",
        "-",
        "1e999",
        "-1e-999",
        "1e2147483647",
        "9223372036854775808",
        "0.1",
        "{\"a\":",
        "[[[[[[[[[[[[[[[[",
        "{\"a\":{\"a\":{\"a\":",
        "\"text\":",
        "\"raw\":\"",
        "\"label\":null",
        "\"attributes\":{",
        "\"createdAt\":\"",
        "2026-11-22T09:00:00+18:00",
        "+999999999-12-31T23:59:59Z",
        "-999999999-01-01T00:00:00Z",
        "\uFEFF",
        "/*",
        "\u00e9",
        "\uD83D\uDE80",
        "=====",
        "AAAA"
    };

    static List<String> records() {
        return GoldenRecords.names();
    }

    @ParameterizedTest
    @MethodSource("records")
    void shouldReadTheRecordOrSayWhyNotWhenItsAvroIsOdd(String name) {
        GoldenRecords golden = GoldenRecords.of(name);
        RecordCodec<SpecificRecord> codec = codecOf(name);

        Fuzz.of("Avro of " + name, bytes -> readTwice(codec, bytes), UnreadableRecordException.class)
                .from(golden.bytes())
                .alsoBy(golden::odd)
                .run();
    }

    @ParameterizedTest
    @MethodSource("records")
    void shouldReadTheRecordOrSayWhyNotWhenItsJsonIsOdd(String name) {
        GoldenRecords golden = GoldenRecords.of(name);
        RecordCodec<SpecificRecord> codec = codecOf(name);

        Fuzz.of("JSON of " + name, bytes -> readTwice(codec, bytes), UnreadableRecordException.class)
                .from(golden.bytes().stream()
                        .map(bytes -> codec.encodeJson(codec.decode(bytes)))
                        .toList())
                .words(JSON)
                .alsoBy((json, random) -> codec.encodeJson(codec.decode(golden.odd(
                        golden.bytes().get(random.nextInt(golden.bytes().size())), random))))
                .run();
    }

    /** What was read is written and read again, to the same. */
    private static Object readTwice(RecordCodec<SpecificRecord> codec, byte[] bytes) {
        SpecificRecord read = codec.decode(bytes);
        byte[] written = codec.encode(read);
        SpecificRecord again = codec.decode(written);
        if (!again.equals(read) && !Arrays.equals(codec.encode(again), written)) { // NaN is not equal to itself
            throw new AssertionError("it comes back as another: " + read);
        }
        return new String(codec.encodeJson(read), StandardCharsets.UTF_8);
    }

    /** Sealed anew, since no change of bytes keeps the seal; so all that the seal guards is met. */
    @Test
    void shouldAnswerOrRefuseTheModelWhenItsContentIsOdd() {
        GoldenRecords golden = GoldenRecords.of("ModelVersion");
        RecordCodec<ModelVersion> codec = RecordCodec.of(ModelVersion.class);

        Fuzz.of(
                        "models",
                        bytes -> answers(codec.decode(bytes)),
                        UnreadableRecordException.class,
                        InvalidModelException.class)
                .from(Stream.concat(
                                golden.bytes().stream(),
                                SampleModels.all().stream().map(codec::encode))
                        .toList())
                .alsoBy(golden::odd)
                .run();
    }

    private static Object answers(ModelVersion version) {
        Predictor predictor = predictorOf(ModelVersions.seal(version));
        float[] vector = new float[predictor.inputs()];
        vector[0] = 1;
        float[] answer = predictor.predict(vector, "How long is a day on the station?");
        if (!Vectors.allFinite(answer)) {
            throw new AssertionError("an answer that is not finite");
        }
        if (!predictor.labels().isEmpty()
                && predictor.choice(answer) >= predictor.labels().size()) {
            throw new AssertionError("an answer without a label");
        }
        return null;
    }

    /** What was read once is refused by one exception only. */
    private static Predictor predictorOf(ModelVersion version) {
        try {
            return Predictor.of(version);
        } catch (UnreadableRecordException e) {
            throw new AssertionError("not an InvalidModelException", e);
        }
    }

    /** One log: what was taken in stays, so that odd events meet odd pasts. */
    @Test
    void shouldFoldOrRefuseTheEventWhenItIsOdd() {
        GoldenRecords golden = GoldenRecords.of("Deployment");
        RecordCodec<Deployment> codec = RecordCodec.of(Deployment.class);
        Log log = new Log();

        Fuzz.of("deployments", bytes -> log.add(codec.decode(bytes)), UnreadableRecordException.class)
                .from(golden.bytes())
                .alsoBy(golden::odd)
                .words(JSON)
                .run();
    }

    private static final class Log {
        private static final int LONGEST = 200;
        private Deployments deployments = new Deployments("default");
        private long offset;

        Object add(Deployment event) {
            if (offset++ % LONGEST == 0) {
                deployments = new Deployments("default");
            }
            deployments.add(offset, event);
            boolean shadowAnswers = deployments.shadow().isPresent()
                    && (deployments.shadow().equals(deployments.live())
                            || deployments.shadow().equals(deployments.canary().map(Deployments.Canary::version)));
            boolean canaryIsLive =
                    deployments.canary().map(Deployments.Canary::version).equals(deployments.live())
                            && deployments.live().isPresent();
            if (shadowAnswers || canaryIsLive) {
                throw new AssertionError("a version has two parts");
            }
            return null;
        }
    }

    @SuppressWarnings("unchecked") // the names are those of the records of the contract
    private static RecordCodec<SpecificRecord> codecOf(String name) {
        try {
            return (RecordCodec<SpecificRecord>)
                    RecordCodec.of((Class<? extends SpecificRecord>) Class.forName("dev.sluice.schemas." + name));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
