package dev.sluice.cli;

import dev.sluice.schemas.Post;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is to be learned of a data set, and so what its posts are known by: labels, or numbers. Data seldom say which: a
 * column of ratings is called a label as often as not. So unless it is said, labels that are all numbers, and more different
 * ones than classes mostly are, are taken for numbers, and the user is told.
 */
enum TaskChoice {
    AUTO,
    MULTICLASS,
    BINARY,
    REGRESSION;

    /** Labels that are all numbers are classes still, if there are no more different ones than these: digits, stars. */
    private static final int CLASSES = 10;

    /** Or if they count on from 0 or 1, as ids of classes do, and each has on the average so many posts. */
    private static final int POSTS_OF_A_CLASS = 5;

    /**
     * @param posts each with a label, or a target, or both
     * @param note what was taken for what, if that was not plain
     */
    record Understood(List<Post> posts, Optional<String> note) {}

    /** As it is written, in settings and on the command line. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws CommandException if the posts do not have what the task needs */
    Understood understand(List<Post> posts) {
        return switch (this) {
            case REGRESSION -> new Understood(numbers(posts), Optional.empty());
            case MULTICLASS, BINARY -> new Understood(labels(posts), Optional.empty());
            case AUTO -> guessed(posts);
        };
    }

    private static Understood guessed(List<Post> posts) {
        if (posts.stream().noneMatch(post -> post.getLabel().isPresent())) {
            return new Understood(posts, noteOn(posts));
        }
        boolean allNumbers = posts.stream()
                .allMatch(post -> post.getTarget().isEmpty()
                        && post.getLabel().flatMap(Numbers::of).isPresent());
        long different = posts.stream().map(Post::getLabel).distinct().count();
        if (allNumbers && different > CLASSES && areIds(numbersOf(numbers(posts)), posts.size())) {
            return new Understood(
                    posts,
                    Optional.of(
                            "The labels are numbers that count on, " + different + " different ones: they are learned"
                                    + " as classes; --task regression learns them as numbers."));
        }
        if (allNumbers && different > CLASSES) {
            return new Understood(
                    numbers(posts),
                    Optional.of("The labels are numbers, " + different + " different ones: they are learned as"
                            + " numbers; --task multiclass takes them as classes."));
        }
        List<Post> labelled =
                posts.stream().filter(post -> post.getLabel().isPresent()).toList();
        int aside = posts.size() - labelled.size();
        return new Understood(
                labelled,
                aside == 0
                        ? Optional.empty()
                        : Optional.of(Figures.count(aside, "post") + (aside == 1 ? " has" : " have")
                                + " a number and no label, and " + (aside == 1 ? "is" : "are")
                                + " left aside; --task regression learns the numbers instead."));
    }

    /** Numbers may be classes as well: that is to be known. */
    private static Optional<String> noteOn(List<Post> posts) {
        SortedSet<Double> numbers = numbersOf(posts);
        boolean few = numbers.size() <= CLASSES && numbers.stream().allMatch(each -> each == Math.rint(each));
        return few || areIds(numbers, posts.size())
                ? Optional.of("The posts have numbers, " + numbers.size() + " different ones: they are learned as"
                        + " numbers; --task " + (numbers.size() == 2 ? BINARY : MULTICLASS).text()
                        + " takes them as classes.")
                : Optional.empty();
    }

    private static boolean areIds(SortedSet<Double> numbers, int posts) {
        double first = numbers.first();
        return (first == 0 || first == 1)
                && numbers.stream().allMatch(each -> each == Math.rint(each))
                && numbers.last() - first == numbers.size() - 1
                && posts >= POSTS_OF_A_CLASS * numbers.size();
    }

    private static SortedSet<Double> numbersOf(List<Post> posts) {
        return posts.stream()
                .map(post -> post.getTarget().orElseThrow() + 0.0)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Post> numbers(List<Post> posts) {
        List<Post> numbered = new ArrayList<>();
        for (Post post : posts) {
            double target = post.getTarget()
                    .or(() -> post.getLabel().flatMap(Numbers::of))
                    .orElseThrow(() ->
                            new CommandException("the post " + post.getId().orElse("")
                                    + " has no number ("
                                    + post.getLabel().orElse("no label") + "): a regression needs one of each post"));
            numbered.add(Post.newBuilder(post).setLabel(null).setTarget(target).build());
        }
        return numbered;
    }

    private static List<Post> labels(List<Post> posts) {
        return posts.stream()
                .map(post -> Post.newBuilder(post)
                        .setLabel(post.getLabel()
                                .orElseGet(() -> Numbers.text(post.getTarget().orElseThrow())))
                        .setTarget(null)
                        .build())
                .toList();
    }
}
