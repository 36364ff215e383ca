package dev.sluice.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cli.TestModels;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PresetTrustTest {
    private static final SigningKey OURS = SigningKey.generate();
    private static final SigningKey NEXT = SigningKey.generate();
    private static final SigningKey THEIRS = SigningKey.generate();
    private static final ModelVersion VERSION = TestModels.version(7);
    private static final String KEY = "default/7";

    @TempDir
    private Path folder;

    private static PresetTrust trusting(String keys) {
        return PresetTrust.among(Map.of("models.trusted.keys", keys, "security.protocol", "SSL"));
    }

    @Test
    void shouldTakeAVersionWhenATrustedKeySignedIt() throws Exception {
        Path file = Files.writeString(folder.resolve("next.pub"), NEXT.publicPem());
        PresetTrust both = trusting(OURS.publicText() + " , " + file);

        assertThat(both.checked(KEY, OURS.sign(VERSION))).isEqualTo(OURS.sign(VERSION));
        assertThat(both.checked(KEY, NEXT.sign(VERSION))).isEqualTo(NEXT.sign(VERSION));
    }

    @Test
    void shouldTakeAnyVersionWhenNoKeysAreGiven() {
        assertThat(PresetTrust.among(Map.of()).checked(KEY, VERSION)).isEqualTo(VERSION);
        assertThat(trusting("").checked(KEY, THEIRS.sign(VERSION))).isEqualTo(THEIRS.sign(VERSION));
    }

    @Test
    void shouldSayWhyAndTheCureWhenNoTrustedKeySignedIt() {
        assertThatThrownBy(() -> trusting(OURS.publicText()).checked(KEY, VERSION))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("default/7 is refused: the version is not signed")
                .hasMessageContaining("models.trusted.keys")
                .hasMessageContaining("models.signing.key");
        assertThatThrownBy(() -> trusting(OURS.publicText()).checked(KEY, THEIRS.sign(VERSION)))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("default/7 is refused: the version is signed with a key that is not trusted")
                .hasMessageContaining("trusted are key " + OURS.id());
    }

    @Test
    void shouldRefuseAVersionWhenItWasChangedOrLiesUnderAnothersName() {
        ModelVersion changed = ModelVersion.newBuilder(OURS.sign(VERSION))
                .setLabels(List.of("b", "a"))
                .build();
        PresetTrust trust = trusting(OURS.publicText());

        assertThatThrownBy(() -> trust.checked(KEY, changed)).hasMessageContaining("seal");
        assertThatThrownBy(() -> trust.checked(KEY, ModelVersions.seal(changed)))
                .hasMessageContaining("it was changed");
        assertThatThrownBy(() -> trust.checked("default/8", OURS.sign(VERSION)))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("under default/8 lies a version that calls itself default/7");
    }

    @Test
    void shouldNameTheSettingWhenAKeyCannotBeRead() {
        assertThatThrownBy(() -> trusting("AAAA"))
                .isInstanceOf(InvalidPresetException.class)
                .hasMessageContaining("models.trusted.keys");
    }

    @Test
    void shouldLeaveTheClientItsOwnSettingsWhenKeysStandAmongThem() {
        assertThat(PresetTrust.withoutKeys(
                        Map.of("models.trusted.keys", "a", "models.signing.key", "b", "security.protocol", "SSL")))
                .containsOnlyKeys("security.protocol");
    }
}
