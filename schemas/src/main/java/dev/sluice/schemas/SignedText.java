package dev.sluice.schemas;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * What a signature is over: a name for the kind of thing, so that no signature of one kind is ever good for another, and a
 * SHA-256 in hex of all that the record says.
 */
final class SignedText {
    private static final RecordBytes<Deployment> DEPLOYMENTS = new RecordBytes<>(Deployment.class);

    private SignedText() {}

    /** The seal says it all, also whose version it is, and which; whether it is right must be looked at, too. */
    static byte[] of(ModelVersion version) {
        return bytes("sluice model version", version.getSha256());
    }

    /** In today's schema. */
    static byte[] of(Deployment event) {
        return bytes("sluice deployment", ModelVersions.sha256(DEPLOYMENTS.of(unsigned(event))));
    }

    /** As each maker may have written it who knew an older schema. */
    static Stream<byte[]> ofMakers(Deployment event) {
        return DEPLOYMENTS
                .ofMakers(unsigned(event))
                .map(written -> bytes("sluice deployment", ModelVersions.sha256(written)));
    }

    private static Deployment unsigned(Deployment event) {
        return Deployment.newBuilder(event).setSignature(null).build();
    }

    private static byte[] bytes(String kind, String hash) {
        return (kind + '\n' + hash).getBytes(StandardCharsets.UTF_8);
    }
}
