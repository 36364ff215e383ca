package dev.sluice.schemas;

import dev.sluice.fuzz.Fuzz;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of keys, which people write and move about; and keys as a setting. */
class KeyFilesFuzzTest {
    private static final String[] WORDS = {
        "-----BEGIN PUBLIC KEY-----",
        "-----END PUBLIC KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "-----",
        "====",
        "\n",
        "\r\n"
    };
    private static final String[] NONE = {};

    @TempDir
    Path folder;

    private final SigningKey key = SigningKey.generate();

    @Test
    void shouldReadTheSigningKeyOrSayWhyNotWhenItsFileIsOdd() {
        Fuzz.of("files of signing keys", bytes -> SigningKey.of(file(bytes)).id(), IllegalArgumentException.class)
                .from(List.of(ascii(key.toPem()), ascii(key.publicPem() + key.toPem())))
                .words(WORDS)
                .alsoBy((pem, random) -> odd(Pem.PRIVATE_KEY, pem, random))
                .run();
    }

    @Test
    void shouldReadThePublicKeysOrSayWhyNotWhenTheirFileIsOdd() {
        Fuzz.of(
                        "files of public keys",
                        bytes -> PublicKeys.of(file(bytes).toString()).stream()
                                .map(PublicKeys::idOf)
                                .toList(),
                        IllegalArgumentException.class)
                .from(List.of(
                        ascii(key.publicPem()),
                        ascii(key.publicPem() + SigningKey.generate().publicPem())))
                .words(WORDS)
                .alsoBy((pem, random) -> odd(Pem.PUBLIC_KEY, pem, random))
                .run();
    }

    @Test
    void shouldReadThePublicKeyOrSayWhyNotWhenTheSettingIsOdd() {
        Fuzz.of(
                        "public keys as a setting",
                        bytes -> PublicKeys.of(new String(bytes, StandardCharsets.ISO_8859_1))
                                .size(),
                        IllegalArgumentException.class)
                .from(List.of(ascii(key.publicText())))
                .run();
    }

    private Path file(byte[] content) {
        try {
            return Files.write(folder.resolve("odd.pub"), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The first block's content changed, and well-formed PEM again, so that what reads the content is met. */
    private byte[] odd(String label, byte[] pem, SplittableRandom random) {
        try {
            byte[] content = Pem.blocks(file(pem), label).get(0);
            return ascii(Pem.text(label, Fuzz.changed(content, NONE, random)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
