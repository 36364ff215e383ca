package dev.sluice.embedder;

import dev.sluice.runtime.RecordLimits;
import dev.sluice.schemas.Post;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The text of a post as it is embedded: subject, blank line, body; e-mail addresses out, so that a class is not told by
 * who writes; the beginning only. The recipe is that of Google's notebook on classifying newsgroup posts with embeddings.
 *
 * @param maxCharacters of the text, 1 or more, counted in code points
 */
record PostText(int maxCharacters) {
    /**
     * As the notebook's {@code [\w\.-]+@[\w\.-]+}. The look-behind changes no match, but lets the search try each run of
     * letters once instead of from each of its letters, which takes minutes on a megabyte of one word.
     */
    private static final Pattern ADDRESS =
            Pattern.compile("(?<![\\w.-])[\\w.-]++@[\\w.-]+", Pattern.UNICODE_CHARACTER_CLASS);

    private static final String PLAIN = "text/plain";
    private static final String MAIL = "message/rfc822";

    PostText {
        if (maxCharacters < 1) {
            throw new IllegalArgumentException("a text has 1 character or more, not " + maxCharacters);
        }
    }

    /** The recipe's name in the embedding space: texts of different recipes make vectors that must not meet. */
    String recipe() {
        return "subject-body-no-addresses-" + maxCharacters;
    }

    /**
     * @return a text that is not blank
     * @throws UnusablePostException if there is none, saying why
     * @throws dev.sluice.schemas.UnreadableRecordException if it is longer than any post should be
     */
    String of(Post post) {
        String whole = read(post);
        RecordLimits.checkText(whole);
        String text = shortened(ADDRESS.matcher(wellFormed(whole)).replaceAll(""));
        if (text.isBlank()) {
            throw new UnusablePostException("the post has no text left to embed: it is empty, or holds only"
                    + " e-mail addresses, attachments or markup");
        }
        return text;
    }

    private static String read(Post post) {
        return post.getText().orElseGet(() -> post.getRaw()
                .map(raw -> read(bytesOf(raw), post.getContentType()))
                .orElseThrow(() -> new UnusablePostException("the post has neither text nor raw")));
    }

    private static String read(byte[] raw, String contentType) {
        String type = contentType.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
        return switch (type) {
            case PLAIN -> Charsets.undeclared(raw);
            case MAIL -> MailText.of(raw);
            default ->
                throw new UnusablePostException(
                        "the content type " + contentType + " is not read; use " + PLAIN + " or " + MAIL);
        };
    }

    private static byte[] bytesOf(ByteBuffer raw) {
        byte[] bytes = new byte[raw.remaining()];
        raw.duplicate().get(bytes);
        return bytes;
    }

    /** Half a surrogate pair cannot be written in UTF-8, nor handed to a tokenizer: it becomes a question mark. */
    private static String wellFormed(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private String shortened(String text) {
        return text.length() <= maxCharacters || text.codePointCount(0, text.length()) <= maxCharacters
                ? text
                : text.substring(0, text.offsetByCodePoints(0, maxCharacters));
    }
}
