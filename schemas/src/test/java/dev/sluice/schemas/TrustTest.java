package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustTest {
    private static final SigningKey OURS = SigningKey.generate();
    private static final SigningKey THEIRS = SigningKey.generate();
    private static final Trust TRUST = trusting(OURS);

    @TempDir
    private Path folder;

    private static Trust trusting(SigningKey... keys) {
        return Trust.of(Stream.of(keys).map(SigningKey::publicText).toList(), Optional.empty());
    }

    private static Deployment event() {
        return Deployment.newBuilder(Examples.deployment())
                .setClassifier("default")
                .setSignature(null)
                .build();
    }

    private static ModelVersion version() {
        return ModelVersions.seal(Examples.unsealedModelVersion().build());
    }

    @Test
    void shouldObjectToNothingWhenNoKeyIsNamed() {
        assertThat(Trust.OPEN.objectionTo(event())).isEmpty();
        assertThat(Trust.OPEN.objectionTo(Examples.deployment())).isEmpty();
        assertThat(Trust.OPEN.objectionTo(version())).isEmpty();
        assertThat(Trust.OPEN.signed(event())).isEqualTo(event());
    }

    @Test
    void shouldTakeWhatAnyTrustedKeySignedWhenThereAreSeveral() {
        Trust both = trusting(OURS, THEIRS);

        assertThat(both.objectionTo(OURS.sign(event()))).isEmpty();
        assertThat(both.objectionTo(THEIRS.sign(event()))).isEmpty();
        assertThat(both.objectionTo(OURS.sign(version()))).isEmpty();
        assertThat(both.objectionTo(THEIRS.sign(version()))).isEmpty();
    }

    @Test
    void shouldTakeASignedRecordWhenItHasTravelled() {
        RecordCodec<Deployment> events = RecordCodec.of(Deployment.class);
        RecordCodec<ModelVersion> versions = RecordCodec.of(ModelVersion.class);
        Deployment event = OURS.sign(Deployment.newBuilder(event())
                .setCreatedAt(Instant.parse("2026-11-22T09:00:00.123456789Z"))
                .build());

        assertThat(TRUST.objectionTo(events.decode(events.encode(event)))).isEmpty();
        assertThat(TRUST.objectionTo(versions.decode(versions.encode(OURS.sign(version())))))
                .isEmpty();
    }

    @Test
    void shouldObjectWhenNothingIsSigned() {
        assertThat(TRUST.objectionTo(event())).get().asString().contains("the deployment is not signed", OURS.id());
        assertThat(TRUST.objectionTo(version())).get().asString().contains("the version is not signed", OURS.id());
    }

    @Test
    void shouldObjectWhenAnotherKeySigned() {
        assertThat(TRUST.objectionTo(THEIRS.sign(event()))).get().asString().contains("not trusted");
        assertThat(TRUST.objectionTo(THEIRS.sign(version()))).get().asString().contains("not trusted");
    }

    @Test
    void shouldObjectWhenAnotherKeySignedInTheNameOfOurs() {
        Signature forged = new Signature(
                OURS.id(), THEIRS.sign(event()).getSignature().orElseThrow().getValue());

        assertThat(TRUST.objectionTo(
                        Deployment.newBuilder(event()).setSignature(forged).build()))
                .get()
                .asString()
                .contains("it was changed");
    }

    static List<Named<UnaryOperator<Deployment.Builder>>> changes() {
        return List.of(
                Named.of("version", it -> it.setVersion(8)),
                Named.of("classifier", it -> it.setClassifier("other")),
                Named.of("by", it -> it.setBy("eve")),
                Named.of("reason", it -> it.setReason("worse")),
                Named.of("createdAt", it -> it.setCreatedAt(Examples.TIME.plusMillis(1))),
                Named.of("action", it -> it.setAction(DeploymentAction.PIN)),
                Named.of("automatic", it -> it.setAutomatic(false)),
                Named.of("expected", it -> it.setExpected(null)),
                Named.of("share", it -> it.setShare(0.2)));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void shouldObjectWhenAFieldOfAnEventIsChanged(UnaryOperator<Deployment.Builder> change) {
        Deployment changed =
                change.apply(Deployment.newBuilder(OURS.sign(event()))).build();

        assertThat(TRUST.objectionTo(changed)).get().asString().contains("it was changed");
    }

    @Test
    void shouldCoverEveryFieldOfAnEventWhenFieldsAreChanged() {
        assertThat(changes()).hasSize(Deployment.getClassSchema().getFields().size() - 1);
    }

    @Test
    void shouldObjectWhenAVersionIsChangedBehindItsSeal() {
        ModelVersion signed = OURS.sign(version());
        ModelVersion changed = ModelVersion.newBuilder(signed)
                .setLabels(List.of("sci.space", "sci.med"))
                .build();

        assertThat(TRUST.objectionTo(changed)).get().asString().contains("seal");
        assertThat(TRUST.objectionTo(ModelVersions.seal(changed))).isPresent();
    }

    @Test
    void shouldObjectWhenAnEventDoesNotSayForWhichClassifierOrWhen() {
        Signature any = OURS.sign(event()).getSignature().orElseThrow();

        assertThat(TRUST.objectionTo(Deployment.newBuilder(event())
                        .setSignature(any)
                        .setClassifier(null)
                        .build()))
                .get()
                .asString()
                .contains("which classifier");
        assertThatThrownBy(() -> OURS.sign(
                        Deployment.newBuilder(event()).setCreatedAt(null).build()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OURS.sign(Examples.unsealedModelVersion().build()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 63, 64, 65, 1000})
    void shouldObjectWhenTheSignatureIsAnyBytes(int length) {
        Deployment event = Deployment.newBuilder(event())
                .setSignature(new Signature(OURS.id(), ByteBuffer.wrap(new byte[length])))
                .build();

        assertThat(TRUST.objectionTo(event)).get().asString().contains("it was changed");
    }

    @Test
    void shouldDeriveThePublicKeyWhenTheFileHoldsThePrivateOneOnly() throws IOException {
        // RFC 8032, 7.1, test 1
        Path file = pem(
                "PRIVATE KEY",
                "302e020100300506032b657004220420"
                        + "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

        assertThat(HexFormat.of()
                        .formatHex(
                                Base64.getDecoder().decode(SigningKey.of(file).publicText())))
                .isEqualTo("302a300506032b6570032100"
                        + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    }

    @Test
    void shouldFindTheKeysWhenTheyLieInAFileOrAFolder() throws IOException {
        Files.writeString(folder.resolve("a.pem"), OURS.publicPem());
        Files.writeString(folder.resolve("b.pub"), THEIRS.publicPem());
        Files.writeString(folder.resolve("private"), OURS.toPem());

        Trust ofFolder = Trust.of(List.of(folder.toString()), Optional.empty());
        Trust ofFile = Trust.of(List.of(folder.resolve("a.pem").toString()), Optional.empty());

        assertThat(ofFolder.objectionTo(THEIRS.sign(event()))).isEmpty();
        assertThat(ofFile.objectionTo(OURS.sign(event()))).isEmpty();
        assertThat(ofFile.objectionTo(THEIRS.sign(event()))).isPresent();
        assertThat(TRUST.objectionTo(SigningKey.of(folder.resolve("private")).sign(event())))
                .isEmpty();
    }

    @Test
    void shouldNameTheFileAndNothingOfItWhenItHoldsNoKey() throws IOException {
        Path broken = Files.writeString(
                folder.resolve("broken"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");

        assertThatThrownBy(() -> SigningKey.of(broken))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(broken.toString())
                .hasMessageNotContaining("c2Vj")
                .hasNoCause();
        assertThatThrownBy(() -> SigningKey.of(folder.resolve("missing"))).hasMessageContaining("missing");
        assertThatThrownBy(() -> Trust.of(List.of("AAAA"), Optional.empty())).hasMessageContaining("no Ed25519 public");
        assertThatThrownBy(() -> Trust.of(List.of("not/there"), Optional.empty()))
                .hasMessageContaining("neither a file");
        assertThatThrownBy(() -> Trust.of(
                        List.of(Files.createDirectory(folder.resolve("empty")).toString()), Optional.empty()))
                .hasMessageContaining("no file that ends");
        assertThat(OURS.toString()).isEqualTo("signing key " + OURS.id());
    }

    @Test
    void shouldRefuseToBeginWhenWhatItSignsWouldBeRefused() {
        assertThatThrownBy(() -> Trust.of(List.of(OURS.publicText()), Optional.of(THEIRS)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(THEIRS.id())
                .hasMessageContaining("would be refused");
    }

    private Path pem(String label, String hex) throws IOException {
        return Files.writeString(
                folder.resolve("key.pem"), Pem.text(label, HexFormat.of().parseHex(hex)));
    }
}
