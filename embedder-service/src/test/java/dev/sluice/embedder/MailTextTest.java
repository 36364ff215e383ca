package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailTextTest {
    private static String of(String... lines) {
        return MailText.of(String.join("\r\n", lines).getBytes(UTF_8)).replace("\r\n", "\n");
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    @Test
    void shouldGiveSubjectBlankLineAndBodyWhenTheMailIsPlain() {
        assertThat(of(
                        "From: Ann <ann@example.org>",
                        "Newsgroups: sci.space",
                        "Subject: Re: A long",
                        " way home",
                        "Lines: 2",
                        "",
                        "How far is it?",
                        "",
                        "Ann"))
                .isEqualTo("Re: A long way home\n\nHow far is it?\n\nAnn");
    }

    @Test
    void shouldGiveTheBodyAloneWhenThereIsNoSubject() {
        assertThat(of("From: ann@example.org", "", "Only this")).isEqualTo("Only this");
        assertThat(of("Subject:  ", "From: ann@example.org", "", "Only this")).isEqualTo("Only this");
    }

    @Test
    void shouldDecodeTheSubjectWhenItHoldsEncodedWords() {
        assertThat(of(
                        "Subject: =?utf-8?B?R3LDvMOfZQ==?= aus =?iso-8859-1?Q?K=F6ln?=",
                        "Content-Type: text/plain",
                        "",
                        "x"))
                .isEqualTo("Grüße aus Köln\n\nx");
    }

    @Test
    void shouldReadTheSubjectWhenItIsBareUtf8() {
        assertThat(of("Subject: Grüße", "", "x")).isEqualTo("Grüße\n\nx");
    }

    @Test
    void shouldReadTheSubjectWhenItIsBareLatin1() {
        assertThat(MailText.of("Subject: Grüße\n\nx".getBytes(ISO_8859_1))).isEqualTo("Grüße\n\nx");
    }

    @ParameterizedTest
    @ValueSource(strings = {"setext/plain; charset=ascii_827", "text", "multipart/mixed", "nonsense;;", "message/news"})
    void shouldReadTheBodyAsTextWhenTheDeclaredTypeIsOdd(String type) {
        assertThat(of("Subject: s", "Content-Type: " + type, "", "the words")).isEqualTo("s\n\nthe words");
    }

    @Test
    void shouldUndoTheTransferEncodingWhenThereIsOne() {
        assertThat(of(
                        "Subject: s",
                        "Content-Type: text/plain; charset=iso-8859-1",
                        "Content-Transfer-Encoding: quoted-printable",
                        "",
                        "caf=E9 a=",
                        "nd more"))
                .isEqualTo("s\n\ncafé and more");
        assertThat(of(
                        "Subject: s",
                        "Content-Type: text/plain; charset=\"utf-8\"",
                        "Content-Transfer-Encoding: base64",
                        "",
                        Base64.getMimeEncoder().encodeToString("Ein Gruß aus der Ferne".getBytes(UTF_8))))
                .isEqualTo("s\n\nEin Gruß aus der Ferne");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "iso-8859-1, E9, é",
        "utf-8, C3A9, é",
        "windows-1251, E9, й", // as declared
        "utf-8, E9, é", // wrongly declared: latin-1
        "us-ascii, E9, é", // wrongly declared: latin-1
        "no-such-charset, E9, é", // unknown: latin-1
        "'', E9, é", // undeclared and not UTF-8: latin-1
        "'', C3A9, é", // undeclared, but UTF-8
    })
    void shouldDecodeByTheCharsetWhenItFitsElseByLatin1(String charset, String hex, String expected) {
        String header = charset.isEmpty() ? "" : "Content-Type: text/plain; charset=" + charset + "\n";
        byte[] mail = concat(
                ("Subject: s\n" + header + "\n").getBytes(ISO_8859_1),
                HexFormat.of().parseHex(hex));

        assertThat(MailText.of(mail)).isEqualTo("s\n\n" + expected);
    }

    @Test
    void shouldTakeTheTextPartsAndLeaveAttachmentsWhenTheMailIsMixed() {
        assertThat(of(
                        "Subject: s",
                        "MIME-Version: 1.0",
                        "Content-Type: multipart/mixed; boundary=b",
                        "",
                        "preamble that nobody reads",
                        "--b",
                        "",
                        "First part",
                        "--b",
                        "Content-Type: text/plain",
                        "Content-Disposition: attachment; filename=notes.txt",
                        "",
                        "An attachment",
                        "--b",
                        "Content-Type: image/png",
                        "Content-Transfer-Encoding: base64",
                        "",
                        "iVBORw0KGgo=",
                        "--b",
                        "Content-Type: text/plain; charset=utf-8",
                        "",
                        "Second part",
                        "--b--"))
                .isEqualTo("s\n\nFirst part\n\nSecond part");
    }

    @Test
    void shouldTakeThePlainTextWhenHtmlIsItsAlternative() {
        assertThat(of(
                        "Subject: s",
                        "Content-Type: multipart/alternative; boundary=b",
                        "",
                        "--b",
                        "Content-Type: text/plain",
                        "",
                        "Plain words",
                        "--b",
                        "Content-Type: text/html",
                        "",
                        "<p>Marked up words</p>",
                        "--b--"))
                .isEqualTo("s\n\nPlain words");
    }

    @Test
    void shouldTakeTheWordsOfHtmlWhenThereIsNothingElse() {
        assertThat(of(
                        "Subject: s",
                        "Content-Type: text/html; charset=utf-8",
                        "",
                        "<html><head><style>p {color: red}</style><script>alert(1)</script></head>",
                        "<body><p>Fish &amp; <b>chips</b></p><p>caf&eacute;</p></body></html>"))
                .isEqualTo("s\n\nFish & chips café");
    }

    @Test
    void shouldReadTheInnerMailWhenOneIsForwarded() {
        assertThat(of(
                        "Subject: Fwd",
                        "Content-Type: multipart/mixed; boundary=b",
                        "",
                        "--b",
                        "Content-Type: text/plain",
                        "",
                        "See below",
                        "--b",
                        "Content-Type: message/rfc822",
                        "",
                        "Subject: inner",
                        "",
                        "The inner text",
                        "--b--"))
                .isEqualTo("Fwd\n\nSee below\n\ninner\n\nThe inner text");
    }

    @Test
    void shouldReadTheBytesAsTextWhenTheyAreNoMail() {
        assertThat(MailText.of("just words, no header".getBytes(UTF_8))).isEqualTo("just words, no header");
        assertThat(MailText.of(new byte[0])).isEmpty();
    }

    @Test
    void shouldSurviveWhenPartsAreNestedBeyondReason() {
        StringBuilder mail = new StringBuilder("Subject: deep\n");
        for (int i = 0; i < 5_000; i++) {
            mail.append("Content-Type: multipart/mixed; boundary=b")
                    .append(i)
                    .append("\n\n--b")
                    .append(i)
                    .append('\n');
        }
        mail.append("Content-Type: text/plain\n\nat the bottom\n");

        assertThatCode(() -> MailText.of(mail.toString().getBytes(UTF_8))).doesNotThrowAnyException();
    }

    @Test
    void shouldSurviveWhenInnerMailsAreNestedBeyondReason() {
        String mail = "Subject: deep\nContent-Type: message/rfc822\n\n".repeat(20_000) + "at the bottom";

        assertThatCode(() -> MailText.of(mail.getBytes(UTF_8))).doesNotThrowAnyException();
    }

    @Test
    void shouldSurviveWhenTagsAreNestedBeyondReason() {
        String mail = "Subject: deep\nContent-Type: text/html\n\n" + "<div>".repeat(100_000) + "at the bottom";

        assertThat(MailText.of(mail.getBytes(UTF_8))).endsWith("at the bottom");
    }

    @Test
    void shouldSurviveWhenBytesAreChangedAtRandom() {
        byte[] mail =
                """
                Subject: =?utf-8?B?R3LDvMOfZQ==?=
                Content-Type: multipart/mixed; boundary="b"
                Content-Transfer-Encoding: 8bit

                --b
                Content-Type: text/plain; charset=utf-16
                Content-Transfer-Encoding: base64

                AGEAYgBj
                --b
                Content-Type: text/html; charset=iso-2022-jp
                Content-Transfer-Encoding: quoted-printable

                <p>a=3Db</p>
                --b--
                """
                        .getBytes(UTF_8);
        Random random = new Random(1);
        for (int round = 0; round < 3_000; round++) {
            byte[] broken = mail.clone();
            for (int change = random.nextInt(12); change >= 0; change--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt(256);
            }
            byte[] cut = Arrays.copyOf(broken, random.nextInt(broken.length + 1));

            assertThatCode(() -> MailText.of(cut)).doesNotThrowAnyException();
        }
        byte[] noise = new byte[64 * 1024];
        random.nextBytes(noise);
        assertThatCode(() -> MailText.of(noise)).doesNotThrowAnyException();
    }

    /** So many are no mail that a person wrote, and cost more memory than there is. Found by fuzzing. */
    @ParameterizedTest
    @CsvSource({"199, true", "200, true", "201, false"})
    void shouldReadAsPlainTextWhenThereAreTooManyParts(int parts, boolean read) {
        String mail = "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n".repeat(parts) + "--b--\n";

        assertThat(MailText.of(mail.getBytes(UTF_8)).contains("--b")).isEqualTo(!read);
    }
}
