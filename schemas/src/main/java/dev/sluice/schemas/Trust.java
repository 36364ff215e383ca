package dev.sluice.schemas;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whose versions and deployments count, and whose signature is put under our own. Without keys to trust all count, signed or
 * not, so that nothing need be set up; with them, only what one of them signed. With several, a key is replaced without a gap:
 * the new one is trusted first, then signed with, then the old one is taken away.
 *
 * <p>What a signature cannot do: keep anybody who may write to the topics from deleting, or from writing what is refused.
 * Rights on topics are for that.
 */
public final class Trust {
    /** All count, nothing is signed. */
    public static final Trust OPEN = new Trust(List.of(), Optional.empty());

    private final Map<String, PublicKey> trusted = new TreeMap<>();
    private final Optional<SigningKey> signing;

    private Trust(Collection<PublicKey> trusted, Optional<SigningKey> signing) {
        trusted.forEach(key -> this.trusted.put(PublicKeys.idOf(key), key));
        this.signing = signing;
    }

    /**
     * @param trusted public keys: base64 of the X.509 form, or a PEM file, or a folder of these; none: all count
     * @param signing to sign with
     * @throws IllegalArgumentException if one is no Ed25519 key, or what is signed here would not be trusted here
     */
    public static Trust of(List<String> trusted, Optional<SigningKey> signing) {
        Trust trust = new Trust(
                trusted.stream().flatMap(text -> PublicKeys.of(text).stream()).toList(), signing);
        signing.map(SigningKey::id)
                .filter(id -> trust.asksForSignatures() && !trust.trusted.containsKey(id))
                .ifPresent(id -> {
                    throw new IllegalArgumentException("the signing key " + id
                            + " is not among the trusted ones (" + trust.names()
                            + "): what it signs would be refused; add its public half");
                });
        return trust;
    }

    /** Whether only what is signed counts. */
    public boolean asksForSignatures() {
        return !trusted.isEmpty();
    }

    /** Whether what is made here can be signed, where signatures are asked for. */
    public boolean canSign() {
        return signing.isPresent() || !asksForSignatures();
    }

    /**
     * Signed, if there is a key to sign with; a signature that was there before is gone.
     *
     * @param version with its seal
     */
    public ModelVersion signed(ModelVersion version) {
        return signing.map(key -> key.sign(version))
                .orElseGet(() ->
                        ModelVersion.newBuilder(version).setSignature(null).build());
    }

    /**
     * Signed, if there is a key to sign with.
     *
     * @param event that says for which classifier, and when
     */
    public Deployment signed(Deployment event) {
        return signing.map(key -> key.sign(event)).orElse(event);
    }

    /** Why the version does not count; empty if it does. Its seal is looked at as well: that is what is signed. */
    public Optional<String> objectionTo(ModelVersion version) {
        if (!asksForSignatures()) {
            return Optional.empty();
        }
        return version.getSignature()
                .map(signature -> ModelVersions.isSealed(version)
                        ? objection(signature, Stream.of(SignedText.of(version)), "the version")
                        : Optional.of("the version's seal, which its signature is over, is not that of its content"))
                .orElseGet(() -> Optional.of("the version is not signed" + cure()));
    }

    /**
     * Throws what {@link #objectionTo(ModelVersion)} says.
     *
     * @throws InvalidModelException if the version does not count
     */
    public void check(ModelVersion version) {
        objectionTo(version).ifPresent(why -> {
            throw new InvalidModelException(why);
        });
    }

    /** Why the event does not count; empty if it does. Whether it was there before is not looked at. */
    public Optional<String> objectionTo(Deployment event) {
        if (!asksForSignatures()) {
            return Optional.empty();
        }
        if (event.getSignature().isEmpty()) {
            return Optional.of("the deployment is not signed" + cure());
        }
        if (event.getClassifier().isEmpty() || event.getCreatedAt().isEmpty()) {
            return Optional.of("the deployment is signed, but does not say for which classifier, or when");
        }
        return objection(event.getSignature().get(), SignedText.ofMakers(event), "the deployment");
    }

    private Optional<String> objection(Signature signature, Stream<byte[]> texts, String what) {
        PublicKey key = trusted.get(signature.getKeyId());
        if (key == null) {
            return Optional.of(what + " is signed with a key that is not trusted here" + cure());
        }
        byte[] value = new byte[signature.getValue().remaining()];
        signature.getValue().duplicate().get(value);
        return texts.anyMatch(text -> verifies(key, text, value))
                ? Optional.empty()
                : Optional.of(what + " is not what the key " + signature.getKeyId() + " signed: it was changed");
    }

    private static boolean verifies(PublicKey key, byte[] text, byte[] value) {
        try {
            java.security.Signature verifier = java.security.Signature.getInstance(PublicKeys.ALGORITHM);
            verifier.initVerify(key);
            verifier.update(text);
            return verifier.verify(value);
        } catch (GeneralSecurityException e) {
            return false; // bytes that are no signature at all
        }
    }

    private String cure() {
        return ": trusted are " + names() + " (models.trusted.keys); sign with one of them (models.signing.key)";
    }

    private String names() {
        return trusted.keySet().stream().map(id -> "key " + id).collect(Collectors.joining(", "));
    }
}
