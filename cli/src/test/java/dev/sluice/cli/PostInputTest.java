package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.cli.PostInput.Format;
import dev.sluice.schemas.Post;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostInputTest {
    private final List<Post> posts = new ArrayList<>();

    @TempDir
    Path folder;

    @Test
    void shouldMakeAPostOfEachLineWhenStdinIsText() {
        stdin(Optional.of("x"), Format.TEXT, "one\n\n  \n{\"text\":\"no JSON here\"}\nlast");

        assertThat(posts)
                .extracting(post -> post.getText().orElseThrow())
                .containsExactly("one", "{\"text\":\"no JSON here\"}", "last");
        assertThat(posts).allSatisfy(post -> {
            assertThat(post.getLabel()).contains("x");
            assertThat(post.getId()).isEmpty();
        });
    }

    @Test
    void shouldKeepAPostsOwnLabelWhenJsonHasOne() {
        stdin(Optional.of("x"), Format.JSON, "{\"text\":\"a\",\"label\":\"own\"}\n{\"text\":\"b\"}");

        assertThat(posts).extracting(post -> post.getLabel().orElseThrow()).containsExactly("own", "x");
    }

    @Test
    void shouldGiveTheNumberToPostsWithoutOneWhenATargetIsSaid() {
        String lines = "{\"text\":\"a\",\"target\":2}\n{\"text\":\"b\",\"label\":\"own\"}";
        new PostInput(Optional.empty(), Optional.of(3.5))
                .readStdin(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), Format.JSON, posts::add);

        assertThat(posts).extracting(post -> post.getTarget().orElseThrow()).containsExactly(2.0, 3.5);
        assertThat(posts).extracting(post -> post.getLabel().orElse("-")).containsExactly("-", "own");
    }

    @Test
    void shouldNameTheLineAndKeepThoseBeforeWhenOneIsNoPost() {
        assertThatThrownBy(() -> stdin(Optional.empty(), Format.JSON, "{\"text\":\"a\"}\n\n{\"text\":[]}\n"))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("stdin, line 3: ");
        assertThat(posts).hasSize(1);
    }

    @Test
    void shouldMakeOnePostOfAllWhenStdinIsAMail() {
        stdin(Optional.empty(), Format.RFC822, "Subject: x\r\n\r\nbody\r\n");

        assertThat(posts).singleElement().satisfies(post -> {
            assertThat(post.getContentType()).isEqualTo("message/rfc822");
            assertThat(new String(post.getRaw().orElseThrow().array(), StandardCharsets.UTF_8))
                    .isEqualTo("Subject: x\r\n\r\nbody\r\n");
        });
    }

    @Test
    void shouldSendAFilesBytesAsTheyAreWhenTheyAreNoUtf8() throws Exception {
        Path file = Files.write(folder.resolve("latin.txt"), new byte[] {(byte) 0xE9, '!'});

        new PostInput(Optional.empty(), Optional.empty()).readFile(file, Format.TEXT, posts::add);

        assertThat(posts).singleElement().satisfies(post -> {
            assertThat(post.getRaw().orElseThrow().get(0)).isEqualTo((byte) 0xE9);
            assertThat(post.getId()).contains(file.toString());
            assertThat(post.getContentType()).isEqualTo("text/plain");
        });
    }

    @ParameterizedTest
    @CsvSource({"a.txt, TEXT", "a, TEXT", "a.JSON, JSON", "a.jsonl, JSON", "a.ndjson, JSON", "a.eml, RFC822"})
    void shouldTellTheFormatByTheEndingWhenNoneIsGiven(String name, Format format) {
        assertThat(Format.of(Path.of("some", name))).isEqualTo(format);
    }

    @Test
    void shouldNameTheCureWhenAFileCannotBeRead() {
        PostInput input = new PostInput(Optional.empty(), Optional.empty());

        assertThatThrownBy(() -> input.readFile(folder, Format.TEXT, posts::add))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("is a folder")
                .hasMessageContaining("--data");
        assertThatThrownBy(() -> input.readFile(folder.resolve("nothing"), Format.TEXT, posts::add))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("there is no file");
    }

    private void stdin(Optional<String> label, Format format, String text) {
        new PostInput(label, Optional.empty())
                .readStdin(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), format, posts::add);
    }
}
