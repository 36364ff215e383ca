package dev.sluice.fuzz;

import dev.sluice.cli.HandMadeModels;
import dev.sluice.schemas.Input;
import dev.sluice.schemas.InputKind;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.Vectors;
import dev.sluice.schemas.Vocabulary;
import dev.sluice.schemas.WordCounts;
import java.util.List;

/** Sound versions, small: one that reads vectors, one that reads words too, each with self-tests. */
public final class SampleModels {
    private SampleModels() {}

    public static List<ModelVersion> all() {
        RecordCodec.of(ModelVersion.class); // lets Avro copy records of the contract
        ModelVersion plain = new HandMadeModels(4, 3, 2).version(7);
        WordCounts words = WordCounts.of("station day");
        long[] hashes = {words.hash(0), words.hash(1), words.hash(2)};
        ModelVersion wide = ModelVersion.newBuilder(plain)
                .setInputs(List.of(plain.getInputs().get(0), new Input(InputKind.WORDS, hashes.length)))
                .setWide(new Vocabulary(hashes, new float[] {1, 2, 3})
                        .asRecord()
                        .setWeights(Vectors.toBytes(new float[] {1, 2, 3, 4, 5, 6}))
                        .build())
                .build();
        return List.of(tested(plain), tested(wide));
    }

    private static ModelVersion tested(ModelVersion version) {
        return ModelVersion.newBuilder(version)
                .setSelfTest(Predictor.ofUnsealed(version).selfTestOfItsOwn())
                .build();
    }
}
