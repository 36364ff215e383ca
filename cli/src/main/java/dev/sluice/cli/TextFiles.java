package dev.sluice.cli;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Text files of unknown origin: UTF-8 if every byte agrees, else ISO 8859-1, which can read anything. Telling costs a first
 * pass over the file, of which nothing is kept.
 */
final class TextFiles {
    private static final int BYTE_ORDER_MARK = 0xFEFF;
    private static final int LOOK_AHEAD = 8192;

    private TextFiles() {}

    /** A reader behind the byte order mark, if there is one. */
    static BufferedReader reader(Path file) throws IOException {
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), charsetOf(file)), LOOK_AHEAD);
        reader.mark(1);
        if (reader.read() != BYTE_ORDER_MARK) {
            reader.reset();
        }
        return reader;
    }

    /** The text of a file that is in memory. */
    static String decode(byte[] bytes) {
        try {
            String text = strictUtf8().decode(ByteBuffer.wrap(bytes)).toString();
            return text.indexOf(BYTE_ORDER_MARK) == 0 ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }

    private static CharsetDecoder strictUtf8() {
        return StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    private static Charset charsetOf(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file));
                InputStreamReader reader = new InputStreamReader(in, strictUtf8())) {
            reader.transferTo(Writer.nullWriter());
            return StandardCharsets.UTF_8;
        } catch (CharacterCodingException e) {
            return StandardCharsets.ISO_8859_1;
        }
    }

    /** Whether the first character that is not white space, among the first few thousand, is this one; nothing is consumed. */
    static boolean beginsWith(BufferedReader reader, char wanted) throws IOException {
        reader.mark(LOOK_AHEAD);
        int c = reader.read();
        for (int i = 1; i < LOOK_AHEAD && c >= 0 && Character.isWhitespace(c); i++) {
            c = reader.read();
        }
        reader.reset();
        return c == wanted;
    }
}
