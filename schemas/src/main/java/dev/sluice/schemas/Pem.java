package dev.sluice.schemas;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys in PEM files, as RFC 7468 has them. Nothing of a file's content goes into a message: it may be a secret. */
final class Pem {
    static final String PUBLIC_KEY = "PUBLIC KEY";
    static final String PRIVATE_KEY = "PRIVATE KEY";
    private static final int LONGEST_FILE = 64 * 1024;

    private Pem() {}

    /**
     * @return at least one
     * @throws IllegalArgumentException if there is no such block
     */
    static List<byte[]> blocks(Path file, String label) throws IOException {
        if (Files.size(file) > LONGEST_FILE) {
            throw new IllegalArgumentException(file + " is too long for a file of keys");
        }
        Matcher matcher = Pattern.compile("-----BEGIN " + label + "-----([^-]*)-----END " + label + "-----")
                .matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        List<byte[]> blocks = new ArrayList<>();
        while (matcher.find()) {
            blocks.add(decode(matcher.group(1))
                    .orElseThrow(() -> new IllegalArgumentException(file + " has a " + label + " that is no base64")));
        }
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException(file + " has no line -----BEGIN " + label + "-----");
        }
        return blocks;
    }

    /** Base64, with white space anywhere. */
    static Optional<byte[]> decode(String base64) {
        try {
            return Optional.of(Base64.getDecoder().decode(base64.replaceAll("\\s", "")))
                    .filter(bytes -> bytes.length > 0);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static String text(String label, byte[] encoded) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END " + label
                + "-----\n";
    }
}
