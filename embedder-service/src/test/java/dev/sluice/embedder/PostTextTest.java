package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.schemas.Post;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostTextTest {
    private static final PostText RECIPE = new PostText(5000);

    private static Post text(String text) {
        return Post.newBuilder().setText(text).build();
    }

    private static Post raw(String contentType, byte[] raw) {
        return Post.newBuilder()
                .setContentType(contentType)
                .setRaw(ByteBuffer.wrap(raw))
                .build();
    }

    @Test
    void shouldTakeTheTextAsItIsWhenItHoldsNoAddress() {
        assertThat(RECIPE.of(text("  Orbit\n\nHow long is a day? "))).isEqualTo("  Orbit\n\nHow long is a day? ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "write to ann.b-c@mail.example.org now|write to  now",
                "(c@d.) <a@b>|() <>",
                "at 5 @ home|at 5 @ home",
                "@home|@home",
                "home@|home@",
                "a@b@c|@c",
                "jürgen@müller.de!|!",
                "x.@-y|\"\"",
            })
    void shouldTakeAddressesOutWhenTheTextHoldsSome(String before, String after) {
        assertThat(RECIPE.of(text("t" + " " + before))).isEqualTo("t " + after);
    }

    @Test
    void shouldBeQuickWhenAMegabyteIsOneWord() {
        String word = "a".repeat(1_000_000);

        String text = Assertions.assertTimeoutPreemptively(Duration.ofSeconds(20), () -> RECIPE.of(text(word)));

        assertThat(text).hasSize(5000);
    }

    @ParameterizedTest
    @ValueSource(ints = {4999, 5000, 5001})
    void shouldCutTheTextWhenItIsLongerThanTheLimit(int length) {
        assertThat(RECIPE.of(text("a".repeat(length)))).hasSize(Math.min(length, 5000));
    }

    @Test
    void shouldCountCharactersAndNotHalvesWhenTheyTakeTwo() {
        PostText three = new PostText(3);

        assertThat(three.of(text("🚀🚀"))).isEqualTo("🚀🚀");
        assertThat(three.of(text("🚀🚀🚀"))).isEqualTo("🚀🚀🚀");
        assertThat(three.of(text("🚀🚀🚀🚀"))).isEqualTo("🚀🚀🚀");
    }

    @Test
    void shouldRepairTheTextWhenItHoldsHalfACharacter() {
        assertThat(RECIPE.of(text("a\ud83db"))).isEqualTo("a?b");
    }

    @Test
    void shouldReadRawTextWhenItIsUtf8AndElseLatin1() {
        assertThat(RECIPE.of(raw("text/plain", "Grüße".getBytes(UTF_8)))).isEqualTo("Grüße");
        assertThat(RECIPE.of(raw("Text/Plain; charset=x", "Grüße".getBytes(ISO_8859_1))))
                .isEqualTo("Grüße");
    }

    @Test
    void shouldReadRawMailWhenTheContentTypeSaysSo() {
        byte[] mail = "Subject: Day\nFrom: a@b.org\n\nAsk c@d.org how long.".getBytes(UTF_8);

        assertThat(RECIPE.of(raw("message/rfc822", mail))).isEqualTo("Day\n\nAsk  how long.");
    }

    @Test
    void shouldPreferTheTextWhenThereIsRawToo() {
        Post both = Post.newBuilder()
                .setText("text")
                .setRaw(ByteBuffer.wrap("raw".getBytes(UTF_8)))
                .build();

        assertThat(RECIPE.of(both)).isEqualTo("text");
    }

    @Test
    void shouldRefuseWhenThereIsNeitherTextNorRaw() {
        assertThatThrownBy(() -> RECIPE.of(Post.newBuilder().build()))
                .isInstanceOf(UnusablePostException.class)
                .hasMessage("the post has neither text nor raw");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n\t", "ann@example.org", " a@b c@d "})
    void shouldRefuseWhenNoTextIsLeft(String empty) {
        assertThatThrownBy(() -> RECIPE.of(text(empty)))
                .isInstanceOf(UnusablePostException.class)
                .hasMessageContaining("no text left");
    }

    @Test
    void shouldRefuseWhenTheContentTypeIsUnknown() {
        assertThatThrownBy(() -> RECIPE.of(raw("image/png", new byte[] {1})))
                .isInstanceOf(UnusablePostException.class)
                .hasMessageContaining("image/png");
    }

    @Test
    void shouldNameTheLimitInTheRecipeWhenTextsAreCut() {
        assertThat(RECIPE.recipe()).isEqualTo("subject-body-no-addresses-5000");
        assertThatThrownBy(() -> new PostText(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
