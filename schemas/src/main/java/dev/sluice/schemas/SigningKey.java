package dev.sluice.schemas;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/**
 * Signs versions and deployments: an Ed25519 key pair (RFC 8032), by the JDK. A signature has no randomness in it, so the same
 * record always has the same one. Immutable; its text shows the id only.
 */
public final class SigningKey {
    private final PrivateKey privateKey;
    private final PublicKey publicKey;

    private SigningKey(KeyPair pair) {
        privateKey = pair.getPrivate();
        publicKey = pair.getPublic();
    }

    /** A new pair. */
    public static SigningKey generate() {
        return new SigningKey(pair(new SecureRandom()));
    }

    /**
     * @param file PKCS#8 in PEM, as {@link #toPem()} and openssl write it
     * @throws IllegalArgumentException if it holds no such key; nothing of its content is said
     */
    public static SigningKey of(Path file) {
        List<byte[]> blocks;
        try {
            blocks = Pem.blocks(file, Pem.PRIVATE_KEY);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + " (" + e + ")", e);
        }
        try {
            PrivateKey read = KeyFactory.getInstance(PublicKeys.ALGORITHM)
                    .generatePrivate(new PKCS8EncodedKeySpec(blocks.get(0)));
            return new SigningKey(
                    pair(new Seed(((EdECPrivateKey) read).getBytes().orElseThrow())));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    file + " holds no Ed25519 private key: 'sluice keys new' makes one, as does 'openssl genpkey"
                            + " -algorithm ed25519'"); // no cause: it might quote the key
        }
    }

    private static KeyPair pair(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(PublicKeys.ALGORITHM);
            generator.initialize(NamedParameterSpec.ED25519, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java since 15 has Ed25519", e);
        }
    }

    /** The first 16 hex digits of the SHA-256 of the public key, by which readers find it. */
    public String id() {
        return PublicKeys.idOf(publicKey);
    }

    PublicKey publicKey() {
        return publicKey;
    }

    /** What readers put among the keys they trust: base64 of the public key's X.509 form. */
    public String publicText() {
        return Base64.getEncoder().encodeToString(publicKey.getEncoded());
    }

    /** The public key as a PEM file. */
    public String publicPem() {
        return Pem.text(Pem.PUBLIC_KEY, publicKey.getEncoded());
    }

    /** The private key as a PEM file: a secret. */
    public String toPem() {
        return Pem.text(Pem.PRIVATE_KEY, privateKey.getEncoded());
    }

    /** @param version with its seal, which is what is signed */
    public ModelVersion sign(ModelVersion version) {
        if (version.getSha256().isEmpty()) {
            throw new IllegalArgumentException("a version is sealed first, then signed");
        }
        return ModelVersion.newBuilder(version)
                .setSignature(over(SignedText.of(version)))
                .build();
    }

    /** @param event that says for which classifier, and when: else it could be used elsewhere, or twice */
    public Deployment sign(Deployment event) {
        if (event.getClassifier().isEmpty() || event.getCreatedAt().isEmpty()) {
            throw new IllegalArgumentException("a deployment to be signed says for which classifier, and when");
        }
        return Deployment.newBuilder(event)
                .setSignature(over(SignedText.of(event)))
                .build();
    }

    private Signature over(byte[] text) {
        try {
            java.security.Signature signer = java.security.Signature.getInstance(PublicKeys.ALGORITHM);
            signer.initSign(privateKey);
            signer.update(text);
            return new Signature(id(), ByteBuffer.wrap(signer.sign()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot sign with the key " + id(), e);
        }
    }

    @Override
    public String toString() {
        return "signing key " + id();
    }

    /**
     * The public half is not in a PKCS#8 file, and the JDK derives it only where it makes a pair: it takes 32 random bytes
     * as the private half (RFC 8032, 5.1.5), so it is given those that are known.
     */
    private static final class Seed extends SecureRandom {
        private static final long serialVersionUID = 1L;
        private final byte[] bytes;

        Seed(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void nextBytes(byte[] random) {
            System.arraycopy(bytes, 0, random, 0, random.length);
        }
    }
}
