package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Split;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSetTest {
    private static final String MAIL = "From: ann@example.org\nSubject: Orbit\n\nHow high?\n";

    @TempDir
    private Path folder;

    @Test
    void shouldHoldBothSplitsOfEveryClassWhenItIsTheBundledOne() {
        DataSet data = DataSet.bundled();

        assertThat(data.classes()).containsExactly("astronomy", "cooking", "cycling", "gardening");
        assertThat(countsOf(data, Split.TRAIN))
                .allSatisfy((label, posts) -> assertThat(posts).isGreaterThanOrEqualTo(30));
        assertThat(countsOf(data, Split.TEST).keySet()).isEqualTo(data.classes());
    }

    @Test
    void shouldGiveTheSamePostsWhenAFolderIsPackedAsAnArchive() throws IOException {
        Map<String, String> files = Map.of(
                "news-train/sci.space/1", MAIL,
                "news-train/sci.med/1", MAIL,
                "news-test/sci.space/2", MAIL);
        files.forEach((path, text) -> write(path, text, UTF_8));
        Path archive = archive("news.tar.gz", files);

        DataSet fromFolder = DataSet.open(folder.resolve("."));
        DataSet fromArchive = DataSet.open(archive);

        assertThat(fromArchive.posts()).isEqualTo(fromFolder.posts());
        assertThat(fromFolder.posts())
                .extracting(post -> post.getId().orElseThrow(), DataSet::labelOf, DataSet::splitOf)
                .containsExactlyInAnyOrder(
                        tuple("sci.space/1", "sci.space", Split.TRAIN),
                        tuple("sci.med/1", "sci.med", Split.TRAIN),
                        tuple("sci.space/2", "sci.space", Split.TEST));
    }

    @Test
    void shouldGiveThePathAsIdWhenTwoSplitsHoldAFileOfTheSameName() {
        write("train/a/1.txt", "one", UTF_8);
        write("test/a/1.txt", "two", UTF_8);
        write("test/a/2.txt", "three", UTF_8);

        assertThat(DataSet.open(folder).posts())
                .extracting(post -> post.getId().orElseThrow())
                .containsExactlyInAnyOrder("train/a/1.txt", "test/a/1.txt", "a/2.txt");
    }

    @Test
    void shouldTellMailFromTextWhenFilesOfAFolderAreRead() {
        write("a/mail", MAIL, UTF_8);
        write("a/note", "Note: not a header that mail has\n\nbody", UTF_8);
        write("a/cut", " relay.example!ann\nsubject: Orbit\n\nbody", UTF_8);
        write("a/letter", "Dear Ann,\n\nSubject: is a word, too", UTF_8);
        write("a/empty", "", UTF_8);

        assertThat(DataSet.open(folder).posts())
                .extracting(post -> post.getId().orElseThrow() + " " + post.getContentType())
                .containsExactlyInAnyOrder(
                        "a/mail message/rfc822",
                        "a/cut message/rfc822",
                        "a/note text/plain",
                        "a/letter text/plain",
                        "a/empty text/plain");
    }

    @Test
    void shouldKeepTheBytesAsTheyAreWhenAFileIsNotUtf8() {
        write("a/latin", "Grüße", ISO_8859_1);

        assertThat(DataSet.open(folder).posts().get(0).getRaw())
                .contains(ByteBuffer.wrap("Grüße".getBytes(ISO_8859_1)));
    }

    @Test
    void shouldPassOverHiddenFilesWhenAFolderIsRead() {
        write("a/1", "text", UTF_8);
        write("a/.DS_Store", "x", UTF_8);
        write(".git/a/1", "x", UTF_8);
        write("README", "x", UTF_8);

        assertThat(DataSet.open(folder).posts()).hasSize(1);
    }

    @Test
    void shouldSayTheLayoutWhenASplitFolderHoldsNoClassFolders() {
        write("train/1.txt", "x", UTF_8);

        assertThatThrownBy(() -> DataSet.open(folder)).hasMessageContainingAll("train/1.txt", "SPLIT/CLASS/FILE");
    }

    @Test
    void shouldReadATableWhenColumnsStandInAnyOrder() {
        Path file = write(
                "posts.csv",
                "split,Label,stars,Subject,TEXT,id\ntest,ham,5,Hi,\"two\nlines, \"\"quoted\"\"\",p1\n,spam,1,Win,now,\n",
                UTF_8);

        List<Post> posts = DataSet.open(file).posts();

        assertThat(posts.get(0).getText()).contains("Hi\n\ntwo\nlines, \"quoted\"");
        assertThat(posts.get(0).getId()).contains("p1");
        assertThat(posts.get(0).getLabel()).contains("ham");
        assertThat(posts.get(0).getSplit()).contains(Split.TEST);
        assertThat(posts.get(1).getId()).contains("posts.csv/4");
        assertThat(DataSet.splitOf(posts.get(1))).isEqualTo(Split.TRAIN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"posts.csv|;", "posts.csv|,", "posts.tsv|\t"},
            ignoreLeadingAndTrailingWhitespace = false)
    void shouldFindTheSeparatorWhenTheHeaderShowsIt(String name, String separator) {
        Path file = write(name, "\uFEFFlabel" + separator + "text\r\nham" + separator + "hello\r\n", UTF_8);

        assertThat(DataSet.open(file).posts().get(0).getText()).contains("hello");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'label,words\nham,hi'             | line 1 | no column text",
                "'label,text\nham,hi\n,ho'         | line 3 | the label is empty",
                "'rating,text\n3,hi\n,ho'          | line 3 | the rating is empty",
                "'rating,text\n3,hi\nfour,ho'      | line 3 | the rating 'four' is no number",
                "'rating,text\n3,hi\nNaN,ho'       | line 3 | the rating 'NaN' is no number",
                "'rating,text\n3,hi\n1e999,ho'     | line 3 | is no number",
                "'label,text\nham,\"a\nb\"\nham'   | line 4 | 1 columns, but 2",
                "'label,text\nham,\"a\" b'         | line 2 | quotes",
                "'label,text\nham,\"a'             | line 2 | quotes",
                "'label,text,split\nham,a,half'    | line 2 | there is no split half",
                "'label,text,id\nham,a,x\nham,b,x' | line 3 | stands on line 2 too"
            })
    void shouldNameTheLineAndTheCureWhenATableIsDamaged(String text, String line, String reason) {
        Path file = write("posts.csv", text, UTF_8);

        assertThatThrownBy(() -> DataSet.open(file)).hasMessageContainingAll("posts.csv, " + line, reason);
    }

    @Test
    void shouldReadJsonLinesWhenEachIsAPostWithALabel() {
        Path file = write(
                "posts.jsonl",
                """
                {"text":"Grüße","label":"de","split":"TEST","id":"p","stars":3}

                {"text":"hi","label":"en"}
                """,
                UTF_8);

        List<Post> posts = DataSet.open(file).posts();

        assertThat(posts).extracting(post -> post.getId().orElseThrow()).containsExactly("p", "posts.jsonl/3");
        assertThat(posts.get(0).getText()).contains("Grüße");
        assertThat(posts.get(0).getAttributes()).containsEntry("stars", "3");
        assertThat(posts).extracting(DataSet::splitOf).containsExactly(Split.TEST, Split.TRAIN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"text\":\"a\"}                 | no label",
                "{\"text\":\"a\",\"label\":\" \"} | no label",
                "{\"text\":\"a\",\"rating\":\"bad\"} | no label",
                "{\"text\":\"a\",\"target\":1e999} | no finite number",
                "{\"label\":\"a\"}                | no text",
                "{\"text\":\"a\",                 | not valid JSON",
                "hello                            | neither JSON"
            })
    void shouldNameTheLineAndTheCureWhenAJsonLineIsNoLabelledPost(String line, String reason) {
        Path file = write("posts.jsonl", "{\"text\":\"a\",\"label\":\"b\"}\n" + line + "\n", UTF_8);

        assertThatThrownBy(() -> DataSet.open(file)).hasMessageContainingAll("posts.jsonl, line 2", reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"target", "Rating", "score"})
    void shouldReadNumbersWhenAColumnHoldsThem(String column) {
        DataSet data = DataSet.open(write("posts.csv", "text," + column + "\nfine, 3.5\nbad,-1\n", UTF_8));

        assertThat(data.numeric()).isTrue();
        assertThat(data.classes()).isEmpty();
        assertThat(data.note()).isEmpty();
        assertThat(data.posts())
                .extracting(post -> post.getTarget().orElseThrow())
                .containsExactly(3.5, -1.0);
    }

    @Test
    void shouldKeepBothWhenAPostHasALabelAndANumber() {
        Path file = write("posts.csv", "text,rating,label\na,3,x\nb,,y\nc,4,\n", UTF_8);

        DataSet data = DataSet.open(file);

        assertThat(data.posts()).hasSize(2);
        assertThat(data.posts().get(0).getTarget()).contains(3.0);
        assertThat(data.posts().get(0).getLabel()).contains("x");
        assertThat(data.note().orElseThrow()).contains("left aside");
        assertThatThrownBy(() -> DataSet.open(file, TaskChoice.REGRESSION)).hasMessageContaining("posts.csv/3");
    }

    @Test
    void shouldPassOverWhatIsNoNumberWhenThereIsALabel() {
        DataSet data = DataSet.open(write("posts.csv", "text,label,score\na,x,high\nb,y,85%\nc,x,3\n", UTF_8));

        assertThat(data.classes()).containsExactly("x", "y");
        assertThat(data.posts())
                .extracting(Post::getTarget)
                .containsExactly(Optional.empty(), Optional.empty(), Optional.of(3.0));
    }

    @Test
    void shouldTakeLabelsForNumbersWhenAllAreAndThereAreMany() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            lines.append(i / 10.0).append("\ttext ").append(i).append('\n');
        }
        Path file = write("ratings", lines.toString(), UTF_8);

        assertThat(DataSet.open(file).numeric()).isTrue();
        assertThat(DataSet.open(file).note().orElseThrow()).contains("40 different ones");
        assertThat(DataSet.open(file, TaskChoice.MULTICLASS).classes()).hasSize(40);
    }

    @Test
    void shouldReadNumbersWhenJsonLinesHoldThem() {
        Path file = write(
                "posts.jsonl",
                """
                {"text":"a","target":3.5}
                {"text":"b","rating":4}
                {"text":"c","score":"0.5"}
                """,
                UTF_8);

        assertThat(DataSet.open(file).posts())
                .extracting(post -> post.getTarget().orElseThrow())
                .containsExactly(3.5, 4.0, 0.5);
    }

    @Test
    void shouldReadReviewsWhenRatingsStandBesideThem() throws IOException {
        Map<String, String> files = Map.of(
                "scaledata/Ann+Lee/subj.Ann+Lee", "good film\nbad film\n",
                "scaledata/Ann+Lee/rating.Ann+Lee", "0.9\n.1\n",
                "scaledata/Ann+Lee/label.3class.Ann+Lee", "2\n0\n",
                "scaledata/Bo/subj.Bo", "so so\r\n",
                "scaledata/Bo/rating.Bo", "0.5\r\n",
                "scaledata/.Bo/subj.Bo", "hidden\n");
        List<Post> posts = DataSet.open(archive("scaledata.tar.gz", files)).posts();

        assertThat(posts)
                .extracting(post -> post.getId().orElseThrow() + " "
                        + post.getTarget().orElseThrow() + " " + post.getText().orElseThrow())
                .containsExactly("Ann+Lee/1 0.9 good film", "Ann+Lee/2 0.1 bad film", "Bo/1 0.5 so so");
        assertThat(posts).allSatisfy(post -> assertThat(post.getSplit()).isPresent());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"'0.9' | 1 line, but subj.A 2", "'0.9\nbad' | rating.A, line 2: 'bad' is no number"})
    void shouldNameTheFileWhenRatingsDoNotFitTheReviews(String ratings, String reason) throws IOException {
        Path archive = archive("bad.tar.gz", Map.of("d/subj.A", "one\ntwo\n", "d/rating.A", ratings));

        assertThatThrownBy(() -> DataSet.open(archive)).hasMessageContaining(reason);
    }

    @Test
    void shouldCarveTheSameFifthWhenLabelledLinesNameNoSplit() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            lines.append(i % 2 == 0 ? "ham" : "spam")
                    .append("\tmessage \"")
                    .append(i)
                    .append("\tend\n");
        }
        String twin = "ham\tmessage \"1\tend\n";

        DataSet data = DataSet.open(write("SMSSpamCollection", lines.toString(), UTF_8));
        DataSet longer = DataSet.open(write("other", twin + lines, UTF_8));

        assertThat(data.posts().get(3).getText()).contains("message \"3\tend");
        assertThat(data.posts().get(3).getId()).contains("SMSSpamCollection/4");
        assertThat(data.of(Split.TEST).size()).isBetween(160, 240);
        assertThat(longer.posts().subList(1, 1001))
                .extracting(DataSet::splitOf)
                .isEqualTo(data.posts().stream().map(DataSet::splitOf).toList());
        assertThat(DataSet.splitOf(longer.posts().get(0)))
                .isEqualTo(DataSet.splitOf(data.posts().get(1)));
    }

    @Test
    void shouldReadLatin1WhenALineIsNotUtf8() {
        Path file = write("messages", "ham\tGrüße\n", ISO_8859_1);

        assertThat(DataSet.open(file).posts().get(0).getText()).contains("Grüße");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no tab here", "\tno label"})
    void shouldNameTheFormatsWhenALineIsNone(String line) {
        Path file = write("messages", "ham\thello\n" + line + "\n", UTF_8);

        assertThatThrownBy(() -> DataSet.open(file)).hasMessageContainingAll("messages, line 2", "label, tab, text");
    }

    @Test
    void shouldSayWhatIsWrongWhenThereIsNothingToRead() throws IOException {
        assertThatThrownBy(() -> DataSet.open(folder.resolve("missing"))).hasMessageContaining("there is no file");
        assertThatThrownBy(() -> DataSet.open(folder)).hasMessageContaining("holds no posts");
        assertThatThrownBy(() -> DataSet.open(write("a.csv", "", UTF_8))).hasMessageContaining("is empty");
        assertThatThrownBy(() -> DataSet.open(write("a", "", UTF_8))).hasMessageContaining("holds no posts");
        assertThatThrownBy(() -> DataSet.open(write("a.tar.gz", "no archive", UTF_8)))
                .hasMessageContainingAll("cannot read", "a.tar.gz");
        Path archive = archive("whole.tar.gz", Map.of("a/1", "x".repeat(100)));
        Path cut = folder.resolve("cut.tar.gz");
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(archive), 60));
        assertThatThrownBy(() -> DataSet.open(cut)).hasMessageContainingAll("cut.tar.gz", "is it whole?");
    }

    @Test
    void shouldKeepMatchingClassesWhenThePatternIsFoundAnywhere() {
        DataSet data = DataSet.bundled();

        assertThat(data.onlyClasses(Pattern.compile("ing$")).classes())
                .containsExactly("cooking", "cycling", "gardening");
        assertThat(data.onlyClasses(Pattern.compile("^c")).classes()).containsExactly("cooking", "cycling");
        assertThatThrownBy(() -> data.onlyClasses(Pattern.compile("^sci\\.")))
                .hasMessageContainingAll("^sci\\.", "astronomy, cooking, cycling, gardening");
    }

    @Test
    @EnabledIfSystemProperty(named = "sluice.data", matches = ".+")
    void shouldReadEveryPostWhenTheReferenceDataAreThere() {
        Path data = Path.of(System.getProperty("sluice.data"));

        DataSet news = DataSet.open(data.resolve("20news-bydate.tar.gz"));
        DataSet messages = DataSet.open(data.resolve("SMSSpamCollection"));
        DataSet reviews = DataSet.open(data.resolve("scaledata.tar.gz"));
        assertThat(reviews.posts()).hasSize(5006);
        assertThat(reviews.numeric()).isTrue();

        assertThat(news.of(Split.TRAIN)).hasSize(11_314);
        assertThat(news.of(Split.TEST)).hasSize(7_532);
        assertThat(news.classes()).hasSize(20);
        assertThat(news.posts()).extracting(Post::getContentType).containsOnly("message/rfc822");
        assertThat(messages.posts()).hasSize(5_574);
        assertThat(messages.classes()).containsExactly("ham", "spam");
    }

    static Map<String, Long> countsOf(DataSet data, Split split) {
        return data.of(split).stream().collect(Collectors.groupingBy(DataSet::labelOf, Collectors.counting()));
    }

    private Path write(String path, String text, Charset charset) {
        try {
            Path file = folder.resolve(path);
            Files.createDirectories(Optional.ofNullable(file.getParent()).orElse(folder));
            return Files.write(file, text.getBytes(charset));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path archive(String name, Map<String, String> files) throws IOException {
        Path file = folder.resolve(name);
        try (TarArchiveOutputStream tar =
                new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
            for (Map.Entry<String, String> each : files.entrySet()) {
                byte[] bytes = each.getValue().getBytes(UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry("./" + each.getKey());
                entry.setSize(bytes.length);
                tar.putArchiveEntry(entry);
                tar.write(bytes);
                tar.closeArchiveEntry();
            }
        }
        return file;
    }
}
