package dev.sluice.trainer;

import dev.sluice.fuzz.Fuzz;
import dev.sluice.fuzz.GoldenRecords;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.TrainingRequest;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Requests to train, as far as the hyper-parameters that they ask for. */
class RequestsFuzzTest {
    private static final List<String> VALUES = List.of(
            "",
            "0",
            "1",
            "-1",
            "5",
            "0.5",
            "1e-9",
            "1e999",
            "NaN",
            "Infinity",
            "2147483647",
            "2147483648",
            "9223372036854775807",
            "true",
            "auto",
            "best",
            "notebook",
            "[]",
            "1,2,3",
            ",",
            ",,,,",
            "0,0",
            "relu",
            "a=1,b=2",
            "=",
            "x".repeat(3000),
            "9,".repeat(500),
            "\uD83D\uDE80",
            "binary",
            "regression",
            " 7 ",
            "1_0",
            "0x10",
            "1d");

    @Test
    void shouldTakeOrRefuseTheRequestWhenItsWishesAreOdd() {
        GoldenRecords golden = GoldenRecords.of("TrainingRequest");
        RecordCodec<TrainingRequest> codec = RecordCodec.of(TrainingRequest.class);
        Hyperparameters usual = HyperparameterSettings.parse(Map.of());
        List<String> names = List.copyOf(HyperparameterSettings.names());

        Fuzz.of(
                        "training requests",
                        bytes -> {
                            Hyperparameters asked =
                                    usual.with(codec.decode(bytes).getOverrides());
                            if (!asked.with(Map.of()).equals(asked)) {
                                throw new AssertionError("asked for again, it is another: " + asked);
                            }
                            return asked.toString();
                        },
                        UnreadableRecordException.class,
                        RefusedTrainingException.class)
                .from(golden.bytes())
                .words(Stream.of(VALUES, names).flatMap(List::stream).toArray(String[]::new))
                .alsoBy((record, random) -> wish(names, random))
                .run();
    }

    private static byte[] wish(List<String> names, SplittableRandom random) {
        return random.ints(1 + random.nextInt(3), 0, names.size())
                .distinct()
                .mapToObj(name -> '"' + names.get(name) + "\":\"" + VALUES.get(random.nextInt(VALUES.size())) + '"')
                .collect(Collectors.joining(",", "{\"overrides\":{", "}}"))
                .getBytes(StandardCharsets.UTF_8);
    }
}
