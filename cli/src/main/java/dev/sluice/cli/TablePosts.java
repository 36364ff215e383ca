package dev.sluice.cli;

import dev.sluice.schemas.Post;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * A table whose first line names the columns, in any order: a text (or a body), a label or a number to be learned, and if
 * there are such a subject, an id and a split. The separator is what the header has most of: comma, semicolon or tab. Other columns are passed over.
 */
final class TablePosts {
    private static final List<String> TEXT = List.of("text", "body", "message", "content");
    private static final List<String> SUBJECT = List.of("subject", "title");
    private static final List<String> LABEL = List.of("label", "class", "category");
    static final List<String> TARGET = List.of("target", "rating", "score");
    private static final int LOOK_AHEAD = 8192;

    private final Path file;
    private final List<String> header;
    private final int text;
    private final OptionalInt label;
    private final OptionalInt target;
    private final OptionalInt subject;
    private final OptionalInt id;
    private final OptionalInt split;

    private TablePosts(Path file, CSVRecord columns) {
        this.file = file;
        header = columns.stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .toList();
        text = needed(TEXT);
        target = column(TARGET);
        label = target.isPresent() ? column(LABEL) : OptionalInt.of(needed(LABEL));
        subject = column(SUBJECT);
        id = column(List.of("id"));
        split = column(List.of("split"));
    }

    static List<Post> read(Path file) throws IOException {
        try (BufferedReader reader = TextFiles.reader(file);
                CSVParser rows = formatOf(reader).parse(reader)) {
            Iterator<CSVRecord> row = rows.iterator();
            if (!row.hasNext()) {
                throw new CommandException(file + " is empty");
            }
            TablePosts table = new TablePosts(file, row.next());
            List<Post> posts = new ArrayList<>();
            LineIds ids = new LineIds(file);
            long line = rows.getCurrentLineNumber() + 1;
            while (hasNext(row, file, line)) {
                posts.add(table.postOf(row.next(), line, ids));
                line = rows.getCurrentLineNumber() + 1;
            }
            return posts;
        }
    }

    /** The parser reads ahead in hasNext, and tells bad quoting there. */
    private static boolean hasNext(Iterator<CSVRecord> rows, Path file, long line) {
        try {
            return rows.hasNext();
        } catch (UncheckedIOException e) {
            throw LineErrors.at(
                    file, line, "the quotes do not pair; put a text with quotes in quotes, and double those within");
        }
    }

    private static CSVFormat formatOf(BufferedReader reader) throws IOException {
        reader.mark(LOOK_AHEAD);
        char[] start = new char[LOOK_AHEAD - 1];
        int length = Math.max(0, reader.read(start));
        reader.reset();
        String first = new String(start, 0, length).lines().findFirst().orElse("");
        char separator = ',';
        for (char candidate : new char[] {';', '\t'}) {
            separator = count(first, candidate) > count(first, separator) ? candidate : separator;
        }
        return CSVFormat.RFC4180.builder().setDelimiter(separator).get();
    }

    private static long count(String text, char c) {
        return text.chars().filter(each -> each == c).count();
    }

    private Post postOf(CSVRecord row, long line, LineIds ids) {
        if (row.size() != header.size()) {
            throw LineErrors.at(
                    file,
                    line,
                    "there are " + row.size() + " columns, but " + header.size()
                            + " in the header; put texts that contain the separator in quotes");
        }
        Optional<String> name = cell(label, row);
        Optional<String> number = cell(target, row);
        if (name.isEmpty() && number.isEmpty()) {
            throw LineErrors.at(
                    file,
                    line,
                    "the " + header.get(label.orElseGet(target::getAsInt)) + " is empty; give each post one");
        }
        Post.Builder post = Post.newBuilder()
                .setId(ids.of(cell(id, row).orElse(""), line))
                .setText(subject.isPresent() ? row.get(subject.getAsInt()) + "\n\n" + row.get(text) : row.get(text))
                .setLabel(name.orElse(null))
                .setTarget(number.flatMap(digits -> numberIn(digits, name.isPresent(), line))
                        .orElse(null));
        split.ifPresent(at -> TestSplit.named(row.get(at), file, line).ifPresent(post::setSplit));
        return post.build();
    }

    /** Nothing, if there is no such column or nothing in it. */
    private static Optional<String> cell(OptionalInt column, CSVRecord row) {
        return column.isPresent()
                ? Optional.of(row.get(column.getAsInt()).strip()).filter(cell -> !cell.isEmpty())
                : Optional.empty();
    }

    /** Beside a label, a cell that is no number is another column that is passed over. */
    private Optional<Double> numberIn(String cell, boolean labelled, long line) {
        Optional<Double> number = Numbers.of(cell);
        if (number.isEmpty() && !labelled) {
            throw LineErrors.at(
                    file,
                    line,
                    "the " + header.get(target.getAsInt()) + " '" + PredictionText.oneLine(cell, 20)
                            + "' is no number; write it as 3.5");
        }
        return number;
    }

    private int needed(List<String> names) {
        return column(names)
                .orElseThrow(() -> LineErrors.at(
                        file,
                        1,
                        "the header names no column " + String.join(", ", names) + "; it has "
                                + String.join(", ", header)));
    }

    private OptionalInt column(List<String> names) {
        return names.stream().mapToInt(header::indexOf).filter(at -> at >= 0).findFirst();
    }
}
