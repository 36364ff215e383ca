package dev.sluice.schemas;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Ed25519 public keys, as people write them down: in a setting, in PEM files, in a folder of these. */
final class PublicKeys {
    static final String ALGORITHM = "Ed25519";
    private static final int ID_CHARACTERS = 16;

    private PublicKeys() {}

    /** The first 16 hex digits of the SHA-256 of the key's X.509 form. */
    static String idOf(PublicKey key) {
        return ModelVersions.sha256(key.getEncoded()).substring(0, ID_CHARACTERS);
    }

    /**
     * @param text base64 of the X.509 form (the body of a PEM file), or a PEM file with one key or several, or a folder, of
     *     which all files that end in .pem or .pub count
     * @throws IllegalArgumentException if it is none of these, naming what it is instead
     */
    static List<PublicKey> of(String text) {
        Path path = Path.of(text);
        try {
            if (Files.isDirectory(path)) {
                return ofFolder(path);
            }
            return Files.exists(path) ? ofFile(path) : List.of(ofText(text));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + text + " (" + e + ")", e);
        }
    }

    private static List<PublicKey> ofFolder(Path folder) throws IOException {
        List<PublicKey> keys = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.toString().matches(".*\\.(pem|pub)"))
                    .sorted()
                    .toList()) {
                keys.addAll(ofFile(file));
            }
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("the folder " + folder + " has no file that ends in .pem or .pub");
        }
        return keys;
    }

    private static List<PublicKey> ofFile(Path file) throws IOException {
        List<PublicKey> keys = new ArrayList<>();
        for (byte[] block : Pem.blocks(file, Pem.PUBLIC_KEY)) {
            keys.add(ofEncoded(block, file.toString()));
        }
        return keys;
    }

    private static PublicKey ofText(String text) {
        return ofEncoded(
                Pem.decode(text)
                        .orElseThrow(() -> new IllegalArgumentException(
                                text + " is neither a file or folder that is there, nor a public key in base64")),
                text);
    }

    private static PublicKey ofEncoded(byte[] encoded, String where) {
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    where + " holds no Ed25519 public key: 'sluice keys new' makes a pair, as does 'openssl genpkey"
                            + " -algorithm ed25519' with 'openssl pkey -pubout'",
                    e);
        }
    }
}
