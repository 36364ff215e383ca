package dev.sluice.cli;

import dev.sluice.schemas.Post;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A post a line: label, tab, text, and no header, as in SMSSpamCollection. Empty lines are passed over. */
final class TabbedPosts {
    private TabbedPosts() {}

    static List<Post> read(Path file, BufferedReader reader) throws IOException {
        List<Post> posts = new ArrayList<>();
        LineIds ids = new LineIds(file);
        long line = 1;
        for (String text = reader.readLine(); text != null; text = reader.readLine(), line++) {
            if (!text.isBlank()) {
                posts.add(postOf(file, line, text, ids));
            }
        }
        return posts;
    }

    private static Post postOf(Path file, long line, String text, LineIds ids) {
        int tab = text.indexOf('\t');
        if (tab < 1) {
            throw LineErrors.at(
                    file,
                    line,
                    "a line is label, tab, text; a data set may also be a table with a header (.csv, .tsv), JSON lines"
                            + " (.jsonl), or class folders (a folder, .tar.gz)");
        }
        return Post.newBuilder()
                .setId(ids.of("", line))
                .setText(text.substring(tab + 1))
                .setLabel(text.substring(0, tab).strip())
                .build();
    }
}
