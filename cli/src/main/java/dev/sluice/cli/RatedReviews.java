package dev.sluice.cli;

import dev.sluice.schemas.Post;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reviews with a rating, a review a line: a file {@code subj.AUTHOR} with the texts, and {@code rating.AUTHOR} beside it with
 * a number for each. That is the layout of Pang and Lee's scale data (scaledata.tar.gz, movie reviews of four authors).
 * An id is the author and the line, as {@code Steve+Rhodes/17}.
 */
final class RatedReviews {
    private static final String TEXTS = "subj.";
    private static final String RATINGS = "rating.";

    private RatedReviews() {}

    /**
     * @return nothing, if the files are laid out in another way
     * @throws CommandException naming the file and line, if the ratings do not fit the texts
     */
    static Optional<List<Post>> of(FileTree tree) {
        List<Post> posts = new ArrayList<>();
        for (Map.Entry<String, byte[]> file : tree.files().entrySet()) {
            int name = file.getKey().lastIndexOf('/') + 1;
            if (file.getKey().startsWith(TEXTS, name)) {
                String author = file.getKey().substring(name + TEXTS.length());
                String ratings = file.getKey().substring(0, name) + RATINGS + author;
                if (tree.files().containsKey(ratings)) {
                    posts.addAll(postsOf(
                            author,
                            Path.of(tree.name(), ratings),
                            lines(file.getValue()),
                            lines(tree.files().get(ratings))));
                }
            }
        }
        return posts.isEmpty() ? Optional.empty() : Optional.of(posts);
    }

    private static List<Post> postsOf(String author, Path file, List<String> texts, List<String> ratings) {
        if (texts.size() != ratings.size()) {
            throw new CommandException(file + " has " + Figures.count(ratings.size(), "line") + ", but " + TEXTS
                    + author + " " + Figures.count(texts.size()) + ": each review needs one rating");
        }
        List<Post> posts = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            int line = i + 1;
            String rating = ratings.get(i);
            posts.add(Post.newBuilder()
                    .setId(author + "/" + line)
                    .setText(texts.get(i))
                    .setTarget(Numbers.of(rating)
                            .orElseThrow(() -> LineErrors.at(
                                    file, line, "'" + PredictionText.oneLine(rating, 20) + "' is no number")))
                    .build());
        }
        return posts;
    }

    private static List<String> lines(byte[] bytes) {
        return TextFiles.decode(bytes).lines().toList();
    }
}
