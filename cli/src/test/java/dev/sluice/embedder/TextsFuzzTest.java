package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.fuzz.Fuzz;
import dev.sluice.fuzz.GoldenRecords;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.RecordCodec;
import dev.sluice.schemas.UnreadableRecordException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the embedder reads: mails, posts on their way to a text, and the notes of quotas. */
class TextsFuzzTest {
    private static final PostText TEXT = new PostText(500);

    private static final String[] MAIL = {
        "\r\n",
        "\n\n",
        "\r\n\r\n",
        "\n ",
        "\n\t",
        ":",
        ";",
        "\"",
        "--",
        "--b\r\n",
        "--b--",
        "--c\r\n",
        "=?utf-8?B?",
        "=?utf-8?Q?=C3=28?=",
        "=?iso-8859-1?Q?K=F6ln?=",
        "?=",
        "=?x?y?z?=",
        "Subject: ",
        "Content-Type: ",
        "multipart/mixed; boundary=b",
        "multipart/alternative; boundary=\"c\"",
        "multipart/digest; boundary=b",
        "message/rfc822",
        "text/html",
        "text/plain; charset=",
        "utf-7",
        "utf-16",
        "UTF-32BE",
        "x-JISAutoDetect",
        "iso-2022-kr",
        "x-COMPOUND_TEXT",
        "cp037",
        "\"\\\"",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Transfer-Encoding: x-uuencode\r\n",
        "Content-Disposition: attachment\r\n",
        "=\r\n",
        "=E4",
        "=",
        "AAAA",
        "begin 644 f\n",
        "\u001b$)C",
        "\u001b$B",
        "<b>",
        "<a href=",
        "<!--",
        "<![CDATA[",
        "<table><tr><td>",
        "</p>",
        "&#x110000;",
        "&nbsp",
        "<script>",
        "<svg><math>",
        "charset*0*=utf-8''%41",
        "a@b",
        "(((((((((",
        "From: <@a,@b:c@d>\r\n",
        "\0"
    };

    private static byte[] lines(String... lines) {
        return String.join("\r\n", lines).getBytes(UTF_8);
    }

    private static final List<byte[]> MAILS = List.of(
            lines("From: Ann <ann@example.org>", "Subject: Re: A long", " way home", "Lines: 1", "", "How far is it?"),
            "Subject: Gr\u00fc\u00dfe\n\nx \u00e9".getBytes(ISO_8859_1),
            lines(
                    "Subject: =?utf-8?B?R3LDvMOfZQ==?=",
                    "MIME-Version: 1.0",
                    "Content-Type: multipart/mixed; boundary=b",
                    "",
                    "--b",
                    "Content-Type: multipart/alternative; boundary=\"c\"",
                    "",
                    "--c",
                    "Content-Type: text/plain; charset=iso-2022-jp",
                    "Content-Transfer-Encoding: quoted-printable",
                    "",
                    "=1B$B4A=1B(B a =E4=",
                    "b",
                    "--c",
                    "Content-Type: text/html; charset=\"utf-8\"",
                    "Content-Transfer-Encoding: base64",
                    "",
                    "PGI+aGVsbG88L2I+PHA+d29ybGQ=",
                    "--c--",
                    "--b",
                    "Content-Type: message/rfc822",
                    "",
                    "Subject: inner",
                    "",
                    "inner text",
                    "--b",
                    "Content-Disposition: attachment; filename=f",
                    "",
                    "no text",
                    "--b--"),
            lines("Content-Type: text/html", "", "<html><body><table><tr><td>a<p>b<i>c</b></table>&amp;&#65;"));

    /** Whatever the bytes are, a mail is a text. */
    @Test
    void shouldReadATextWhenTheMailIsOdd() {
        Fuzz.of("mail", MailText::of).from(MAILS).words(MAIL).bytesPerByte(2000).run();
    }

    @Test
    void shouldReadAWellFormedTextOrSayWhyNotWhenThePostIsOdd() {
        GoldenRecords golden = GoldenRecords.of("Post");
        RecordCodec<Post> codec = RecordCodec.of(Post.class);
        Function<byte[], byte[]> asRaw = mail -> codec.encode(Post.newBuilder()
                .setRaw(ByteBuffer.wrap(mail))
                .setContentType("message/rfc822")
                .build());

        Fuzz.of(
                        "posts",
                        bytes -> checked(TEXT.of(codec.decode(bytes))),
                        UnreadableRecordException.class,
                        UnusablePostException.class)
                .from(Stream.of(golden.bytes().stream(), MAILS.stream().map(asRaw))
                        .flatMap(each -> each)
                        .toList())
                .words(MAIL)
                .alsoBy(golden::odd)
                .bytesPerByte(2000)
                .run();
    }

    private static String checked(String text) {
        if (text.isBlank() || text.codePointCount(0, text.length()) > TEXT.maxCharacters()) {
            throw new AssertionError("a text of the wrong length: " + text.length());
        }
        if (!new String(text.getBytes(UTF_8), UTF_8).equals(text)) {
            throw new AssertionError("a text that is not well-formed");
        }
        return text;
    }

    @Test
    void shouldReadTheNoteOrRefuseItWhenTheMetadataIsOdd() {
        NavigableMap<Long, Long> charges = new TreeMap<>(Map.of(1_795_338_000_000L, 7L, 1_795_338_010_000L, 100_000L));
        QuotaNote note = new QuotaNote(true, Map.of(QuotaKind.REQUESTS, charges, QuotaKind.DAY, charges));
        String text = note.text(Map.of(QuotaKind.REQUESTS, 1000L, QuotaKind.DAY, 3_600_000L));

        Fuzz.of("notes of quotas", bytes -> readTwice(new String(bytes, UTF_8)), IllegalArgumentException.class)
                .from(List.of(text.getBytes(UTF_8), "q1 r".getBytes(UTF_8)))
                .words(
                        "q1 ",
                        "h",
                        "r",
                        " t",
                        "1:",
                        ".zz",
                        ",",
                        "1y2p0ij32e8e7",
                        "1y2p0ij32e8e8",
                        "-1",
                        "0",
                        "+7",
                        "\u0661")
                .run();
    }

    /** What it says is above 0, and can be said again. */
    private static Object readTwice(String text) {
        QuotaNote note = QuotaNote.parse(text);
        for (QuotaKind kind : QuotaKind.values()) {
            note.of(kind).forEach((end, amount) -> {
                if (end <= 0 || amount <= 0) {
                    throw new AssertionError(amount + " until " + end);
                }
            });
        }
        return QuotaNote.parse(note.text(Map.of(QuotaKind.REQUESTS, 1L, QuotaKind.TOKENS, 1L, QuotaKind.DAY, 1L)))
                .toString();
    }
}
