package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
}
