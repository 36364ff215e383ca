package dev.sluice.embedder;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.james.mime4j.util.CharsetUtil;

/**
 * Bytes to text, whatever they are. What is declared is tried first, and strictly, since a wrong declaration is common;
 * latin-1 takes any bytes, so there is always an answer.
 */
final class Charsets {
    private Charsets() {}

    /** The text, if the bytes are nothing but that charset. */
    static Optional<String> strictly(Charset charset, byte[] bytes) {
        try {
            return Optional.of(charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** UTF-8 if the bytes are that, else latin-1. Latin-1 text of more than ASCII is hardly ever UTF-8 by chance. */
    static String undeclared(byte[] bytes) {
        return strictly(StandardCharsets.UTF_8, bytes).orElseGet(() -> latin1(bytes));
    }

    /** By the name in a mail's header; latin-1 if Java knows no such charset or the bytes are not of it. */
    static String declared(String name, byte[] bytes) {
        return Optional.ofNullable(CharsetUtil.lookup(name))
                .flatMap(charset -> strictly(charset, bytes))
                .orElseGet(() -> latin1(bytes));
    }

    private static String latin1(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
