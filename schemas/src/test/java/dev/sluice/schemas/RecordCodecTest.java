package dev.sluice.schemas;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordCodecTest {
    private final RecordCodec<Post> posts = RecordCodec.of(Post.class);

    static List<SpecificRecord> records() {
        return Examples.all();
    }

    @ParameterizedTest
    @MethodSource("records")
    <T extends SpecificRecord> void shouldGiveTheSameRecordWhenWrittenAndReadInEitherForm(T record) {
        @SuppressWarnings("unchecked")
        RecordCodec<T> codec = RecordCodec.of((Class<T>) record.getClass());

        assertThat(codec.decode(codec.encode(record))).isEqualTo(record);
        assertThat(codec.decode(codec.encodeJson(record))).isEqualTo(record);
    }

    @Test
    void shouldReadAPostWhenItIsALineOfJsonWithOnlyAText() {
        Post post = posts.decode(" \r\n{\"text\":\"hello\"}\n".getBytes(UTF_8));

        assertThat(post.getText()).contains("hello");
        assertThat(post.getId()).isEmpty();
        assertThat(post.getContentType()).isEqualTo("text/plain");
    }

    @Test
    void shouldSkipTheByteOrderMarkWhenJsonBeginsWithOne() {
        byte[] json = "\uFEFF {\"text\":\"hello\"}".getBytes(UTF_8);

        assertThat(posts.decode(json).getText()).contains("hello");
    }

    @Test
    void shouldKeepUnknownFieldsAsAttributesWhenThePostHasSome() {
        String json = "{\"text\":\"x\",\"stars\":4.5,\"spam\":false,\"tags\":[\"a\"],\"attributes\":{\"own\":\"1\"}}";

        assertThat(posts.decode(json.getBytes(UTF_8)).getAttributes())
                .isEqualTo(Map.of("stars", "4.5", "spam", "false", "tags", "[\"a\"]", "own", "1"));
    }

    @Test
    void shouldTakeNumbersAndOtherSpellingsWhenAPersonWroteTheJson() {
        Post post = posts.decode(
                ("{\"id\":17,\"raw\":\"cmF3\",\"split\":\"test\",\"createdAt\":\"2026-11-22T10:00:00.123+01:00\""
                                + ",\"label\":null}")
                        .getBytes(UTF_8));

        assertThat(post.getId()).contains("17");
        assertThat(post.getRaw()).contains(ByteBuffer.wrap("raw".getBytes(UTF_8)));
        assertThat(post.getSplit()).contains(Split.TEST);
        assertThat(post.getCreatedAt()).contains(Examples.TIME);
        assertThat(post.getLabel()).isEmpty();
    }

    @Test
    void shouldReadAnUnknownSymbolAsUnknownWhenAWriterIsNewer() {
        assertThat(posts.decode("{\"split\":\"SHADOW\"}".getBytes(UTF_8)).getSplit())
                .contains(Split.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        {"text":["a"]}                 | Post.text must be text, not array
        {"text":                       | not valid JSON
        {"text":"a"} {"text":"b"}      | not valid JSON
        {"text":"a","text":"b"}        | not valid JSON
        {"target":"high"}              | Post.target must be a number, not string
        {"raw":"not base64!"}          | Post.raw is not base64
        {"createdAt":"yesterday"}      | Post.createdAt is not a time
        {"attributes":{"a":{}}}        | Post.attributes.a must be text, not object
        {"split":3}                    | Post.split must be one of
        ["text"]                       | it begins with "["text"]"
        """)
    void shouldNameTheFieldWhenJsonIsWrong(String json, String reason) {
        assertThatThrownBy(() -> posts.decode(json.getBytes(UTF_8)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void shouldNameTheMissingFieldWhenTheEssentialOneIsAbsent() {
        assertThatThrownBy(() -> RecordCodec.of(CachedEmbedding.class).decode("{\"space\":\"s\"}".getBytes(UTF_8)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("CachedEmbedding.embedding is missing");
    }

    @Test
    void shouldRefuseAnUnknownFieldWhenTheRecordHasNoAttributes() {
        assertThatThrownBy(
                        () -> RecordCodec.of(Deployment.class).decode("{\"version\":1,\"verison\":2}".getBytes(UTF_8)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("no field verison");
    }

    @Test
    void shouldStopAtTheDepthLimitWhenJsonIsNestedTooDeep() {
        String deep = "{\"a\":".repeat(65) + "1" + "}".repeat(65);

        assertThatThrownBy(() -> posts.decode(deep.getBytes(UTF_8)))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("nested 65 deep");
    }

    @Test
    void shouldSayThatTheWriterMayBeNewerWhenTheFingerprintIsUnknown() {
        byte[] bytes = posts.encode(Examples.post());
        bytes[5] ^= 1;

        assertThatThrownBy(() -> posts.decode(bytes))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("newer writer");
    }

    /** A parser of JSON that guesses takes these five bytes for UTF-32 that ends too early. Found by fuzzing. */
    @Test
    void shouldRefuseWhenABraceIsFollowedByZeros() {
        assertThatThrownBy(() -> posts.decode(new byte[] {'{', 0, 0, 0, 1}))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void shouldRefuseWhenTheFramingIsConfluents() {
        assertThatThrownBy(() -> posts.decode(new byte[] {0, 0, 0, 0, 1, 2}))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("Confluent");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 11, 60})
    void shouldRefuseWhenTheValueIsCutShort(int length) {
        byte[] cut = Arrays.copyOf(posts.encode(Examples.post()), length);

        assertThatThrownBy(() -> posts.decode(cut)).isInstanceOf(UnreadableRecordException.class);
    }

    /** Each place in turn is written over: with numbers that say 1.9 GB and more, and with other bytes by chance. */
    @ParameterizedTest
    @MethodSource("records")
    <T extends SpecificRecord> void shouldReadOrRefuseButNothingElseWhenBytesAreWrong(T record) {
        @SuppressWarnings("unchecked")
        RecordCodec<T> codec = RecordCodec.of((Class<T>) record.getClass());
        Random random = new Random(1);
        byte[] chance = new byte[3];
        List<byte[]> wrong = List.of(
                new byte[] {(byte) 0x80, (byte) 0xC8, (byte) 0xCF, (byte) 0x95, 0x0E},
                new byte[] {(byte) 0xFE, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x1F},
                new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1},
                chance);
        for (byte[] sound : List.of(codec.encode(record), codec.encodeJson(record))) {
            for (int at = 0; at < sound.length; at++) {
                random.nextBytes(chance);
                for (byte[] bytes : wrong) {
                    byte[] value = sound.clone();
                    System.arraycopy(bytes, 0, value, at, Math.min(bytes.length, value.length - at));
                    assertReadOrRefused(codec, value);
                }
            }
        }
    }

    private static <T extends SpecificRecord> void assertReadOrRefused(RecordCodec<T> codec, byte[] value) {
        try {
            assertThat(codec.decode(value)).isNotNull();
        } catch (UnreadableRecordException e) {
            assertThat(e.getMessage()).doesNotEndWith(": null");
        }
    }

    @Test
    void shouldReadAnOlderSchemaWhenItWasPublished() {
        Schema older = new Schema.Parser()
                .parse("{\"type\":\"record\",\"name\":\"Post\",\"namespace\":\"dev.sluice.schemas\",\"fields\":["
                        + "{\"name\":\"text\",\"type\":[\"null\",\"string\"],\"default\":null},"
                        + "{\"name\":\"mood\",\"type\":\"string\"}]}");
        byte[] written = encode(
                older,
                new GenericRecordBuilder(older)
                        .set("text", "old")
                        .set("mood", "good")
                        .build());

        Post read = RecordCodec.of(Post.class, List.of(older)).decode(written);

        assertThat(read.getText()).contains("old");
        assertThat(read.getAttributes()).isEmpty();
        assertThatThrownBy(() -> posts.decode(written)).isInstanceOf(UnreadableRecordException.class);
    }

    private static byte[] encode(Schema schema, Object record) {
        try {
            return RecordCodec.toArray(new BinaryMessageEncoder<>(new GenericData(), schema).encode(record));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
