package dev.sluice.embedder;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.james.mime4j.MimeException;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;
import org.apache.james.mime4j.dom.Body;
import org.apache.james.mime4j.dom.Entity;
import org.apache.james.mime4j.dom.Header;
import org.apache.james.mime4j.dom.Message;
import org.apache.james.mime4j.dom.Multipart;
import org.apache.james.mime4j.dom.SingleBody;
import org.apache.james.mime4j.dom.field.ContentTypeField;
import org.apache.james.mime4j.dom.field.FieldName;
import org.apache.james.mime4j.message.DefaultMessageBuilder;
import org.apache.james.mime4j.stream.EntityState;
import org.apache.james.mime4j.stream.Field;
import org.apache.james.mime4j.stream.MimeConfig;
import org.apache.james.mime4j.stream.MimeTokenStream;
import org.apache.james.mime4j.util.MimeUtil;
import org.jsoup.Jsoup;

/**
 * What a person reads of a mail (RFC 822 and MIME): subject, blank line, the text parts. Of alternatives the first that
 * has text, since the plainest comes first (RFC 2046, 5.1.4); of HTML its words; attachments are left out.
 *
 * <p>Mail in the wild breaks every rule, so the parser is told to put up with anything, and what it cannot take at all is
 * read as plain text.
 */
final class MailText {
    /** Deeper nesting is an attack or an accident, and costs the parser time by the square, and its stack. */
    private static final int MAX_DEPTH = 30;

    /** A part of five bytes costs the parser 13 KB: a megabyte of them, 2.6 GB. */
    private static final int MAX_PARTS = 200;

    /** Of a field that says what the content is, in bytes: each parameter is costly, and their cost grows by the square. */
    private static final int MAX_CONTENT_FIELD = 4000;

    /** Whatever else is declared, and much is, by typing error or from times past, is taken for text. */
    private static final Set<String> NOT_TEXT = Set.of("application", "image", "audio", "video", "font", "model");

    private static final MimeConfig LENIENT = MimeConfig.custom()
            .setMaxLineLen(-1)
            .setMaxHeaderCount(-1)
            .setMaxHeaderLen(-1)
            .setMaxContentLen(-1)
            .build();

    private MailText() {}

    /** @param mail any bytes; never throws for what they are */
    static String of(byte[] mail) {
        try {
            if (hasTooMuchInIt(mail)) {
                return Charsets.undeclared(mail);
            }
            Message message = parse(mail);
            if (message.getHeader().getFields().isEmpty()) {
                return Charsets.undeclared(mail);
            }
            return withSubject(message, textOf(message));
        } catch (MimeException
                | IOException
                | RuntimeException e) { // a parser that throws on bad input: the bytes are still a text
            return Charsets.undeclared(mail);
        }
    }

    /** A walk that builds nothing, and stops at the limits. */
    private static boolean hasTooMuchInIt(byte[] mail) throws IOException, MimeException {
        MimeTokenStream stream = new MimeTokenStream(LENIENT);
        stream.parse(new ByteArrayInputStream(mail));
        int depth = 0;
        int parts = 0;
        for (EntityState state = stream.getState(); state != EntityState.T_END_OF_STREAM; state = stream.next()) {
            switch (state) {
                case T_START_MULTIPART, T_START_MESSAGE -> depth++;
                case T_END_MULTIPART, T_END_MESSAGE -> depth--;
                case T_START_BODYPART -> parts++;
                default -> {}
            }
            if (depth > MAX_DEPTH
                    || parts > MAX_PARTS
                    || (state == EntityState.T_FIELD && isTooLong(stream.getField()))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isTooLong(Field field) {
        return field.getName().regionMatches(true, 0, "Content-", 0, "Content-".length())
                && field.getBody().length() > MAX_CONTENT_FIELD;
    }

    private static Message parse(byte[] mail) throws IOException {
        DefaultMessageBuilder builder = new DefaultMessageBuilder();
        builder.setMimeEntityConfig(LENIENT);
        builder.setDecodeMonitor(DecodeMonitor.SILENT);
        return builder.parseMessage(new ByteArrayInputStream(mail));
    }

    private static String withSubject(Message message, String body) {
        String subject = subjectOf(message.getHeader());
        return subject.isBlank() ? body : subject + "\n\n" + body;
    }

    /** From the raw bytes, which the parser's own decoding would spoil where they are bare latin-1. */
    private static String subjectOf(Header header) {
        Field field = header.getField(FieldName.SUBJECT);
        if (field == null || field.getRaw() == null) {
            return "";
        }
        String line = Charsets.undeclared(field.getRaw().toByteArray());
        String subject = MimeUtil.unfold(line.substring(line.indexOf(':') + 1));
        return DecoderUtil.decodeEncodedWords(subject, DecodeMonitor.SILENT).stripLeading();
    }

    private static String textOf(Entity entity) throws IOException {
        if ("attachment".equalsIgnoreCase(entity.getDispositionType())) {
            return "";
        }
        Body body = entity.getBody();
        if (body instanceof Multipart multipart) {
            return textOfParts(multipart);
        }
        if (body instanceof Message message) {
            return withSubject(message, textOf(message));
        }
        String type = String.valueOf(entity.getMimeType()).toLowerCase(Locale.ROOT);
        if (!(body instanceof SingleBody single) || NOT_TEXT.contains(type.split("/", 2)[0])) {
            return "";
        }
        String text = decoded(entity, single);
        return type.equals("text/html") ? Jsoup.parse(text).text() : text;
    }

    private static String textOfParts(Multipart multipart) throws IOException {
        boolean alternatives = "alternative".equalsIgnoreCase(multipart.getSubType());
        List<String> texts = new ArrayList<>();
        for (Entity part : multipart.getBodyParts()) {
            String text = textOf(part);
            if (!text.isBlank()) {
                texts.add(text);
                if (alternatives) {
                    break;
                }
            }
        }
        return String.join("\n\n", texts);
    }

    private static String decoded(Entity entity, SingleBody body) {
        try (var in = body.getInputStream()) { // the transfer encoding is undone already
            byte[] bytes = in.readAllBytes();
            return declaredCharset(entity)
                    .map(name -> Charsets.declared(name, bytes))
                    .orElseGet(() -> Charsets.undeclared(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Not {@link Entity#getCharset()}, which cannot tell "us-ascii" from nothing. */
    private static Optional<String> declaredCharset(Entity entity) {
        return entity.getHeader() != null
                        && entity.getHeader().getField(FieldName.CONTENT_TYPE) instanceof ContentTypeField type
                ? Optional.ofNullable(type.getCharset()).filter(name -> !name.isBlank())
                : Optional.empty();
    }
}
