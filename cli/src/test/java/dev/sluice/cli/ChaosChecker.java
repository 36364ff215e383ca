package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Source;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Proves the promise from what lies on the topics, and from nothing else: each record on {@code posts} has become one embedded
 * post or one dead letter, each record on {@code embedded-posts} one prediction or one dead letter, and each of them says what
 * it must. Records are told apart by their places, and posts by their numbers too: a producer that sent one twice would
 * else go unseen. Topics are to be taken in one after the other, in the order of {@link #topics}.
 */
final class ChaosChecker {
    private static final int MOST_EXAMPLES = 20;

    private final Topics topics;
    private final int[] timesOnPosts;
    private final Map<Place, ChaosFate> posts = new HashMap<>();

    /** By places on {@code embedded-posts}; poison written there by the test has a fate of its own. */
    private final Map<Place, ChaosFate> embedded = new HashMap<>();

    private final List<ChaosFate> strangers = new ArrayList<>();
    private final List<String> examples = new ArrayList<>();
    private int wrong;

    private record Place(int partition, long offset) {
        static Place of(ConsumerRecord<?, ?> record) {
            return new Place(record.partition(), record.offset());
        }

        @Override
        public String toString() {
            return partition + "@" + offset;
        }
    }

    /** @param sent how many numbered posts were sent and acknowledged, from 0 on */
    ChaosChecker(Topics topics, int sent) {
        this.topics = topics;
        this.timesOnPosts = new int[sent];
    }

    /** What it is to be given, in this order. */
    static List<String> topics(Topics topics) {
        String posts = topics.posts().name();
        String embeddedPosts = topics.embeddedPosts().name();
        return List.of(
                posts,
                embeddedPosts,
                topics.predictions().name(),
                Topics.deadLetterOf(posts),
                Topics.deadLetterOf(embeddedPosts));
    }

    /** Takes in a committed record. */
    void add(ConsumerRecord<byte[], byte[]> record) {
        switch (topics(topics).indexOf(record.topic())) {
            case 0 -> addPost(record);
            case 1 -> addEmbedded(record);
            case 2 -> addPrediction(record);
            case 3 -> addLetter(record, topics.posts().name(), posts, ChaosFate::refuse);
            case 4 -> addLetter(record, topics.embeddedPosts().name(), embedded, ChaosFate::refuseEmbedded);
            default -> throw new IllegalArgumentException("nothing is promised of " + record.topic());
        }
    }

    private void addPost(ConsumerRecord<byte[], byte[]> record) {
        OptionalInt number = numberIn(record);
        posts.put(Place.of(record), new ChaosFate(number));
        if (number.isPresent() && number.getAsInt() >= timesOnPosts.length) {
            wrong(String.format("post %d is there, of %d that were sent", number.getAsInt(), timesOnPosts.length));
        } else {
            number.ifPresent(it -> timesOnPosts[it]++);
        }
    }

    private OptionalInt numberIn(ConsumerRecord<byte[], byte[]> record) {
        try {
            return topics.posts().codec().decode(record.value()).getId().stream()
                    .map(ChaosPosts::numberOf)
                    .findFirst()
                    .orElse(OptionalInt.empty());
        } catch (UnreadableRecordException e) {
            return OptionalInt.empty(); // poison
        }
    }

    private void addEmbedded(ConsumerRecord<byte[], byte[]> record) {
        try {
            EmbeddedPost post = topics.embeddedPosts().codec().decode(record.value());
            find(post.getSource(), "the embedded post at " + Place.of(record)).ifPresent(fate -> {
                fate.embed();
                embedded.put(Place.of(record), fate);
                fate.number().ifPresent(number -> judge("embedded post", number, ChaosContent.errorsIn(post, number)));
            });
        } catch (UnreadableRecordException e) {
            ChaosFate stranger = new ChaosFate(OptionalInt.empty());
            stranger.embed();
            embedded.put(Place.of(record), stranger);
            strangers.add(stranger);
        }
    }

    private void addPrediction(ConsumerRecord<byte[], byte[]> record) {
        Prediction prediction = topics.predictions().codec().decode(record.value());
        find(prediction.getSource(), "the prediction at " + Place.of(record)).ifPresent(fate -> {
            fate.predict();
            fate.number().ifPresent(number -> judge("prediction", number, ChaosContent.errorsIn(prediction, number)));
        });
    }

    private void addLetter(
            ConsumerRecord<byte[], byte[]> record,
            String source,
            Map<Place, ChaosFate> fates,
            Consumer<ChaosFate> refusal) {
        Optional<Place> place = header(record, DeadLetters.TOPIC).equals(Optional.of(source))
                ? header(record, DeadLetters.PARTITION).flatMap(partition -> header(record, DeadLetters.OFFSET)
                        .map(offset -> new Place(Integer.parseInt(partition), Long.parseLong(offset))))
                : Optional.empty();
        Optional<ChaosFate> fate = place.map(fates::get);
        fate.ifPresentOrElse(
                refusal, () -> wrong(String.format("a dead letter tells of %s %s, where nothing is", source, place)));
        if (header(record, DeadLetters.MESSAGE)
                .filter(Predicate.not(String::isBlank))
                .isEmpty()) {
            wrong(String.format("the dead letter of %s %s has no reason", source, place));
        }
    }

    private static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
        return Optional.ofNullable(record.headers().lastHeader(name))
                .map(Header::value)
                .map(value -> new String(value, UTF_8));
    }

    private Optional<ChaosFate> find(Source source, String what) {
        Optional<ChaosFate> fate = source.getTopic().equals(topics.posts().name())
                ? Optional.ofNullable(posts.get(new Place(source.getPartition(), source.getOffset())))
                : Optional.empty();
        if (fate.isEmpty()) {
            wrong(String.format("%s has the source %s, where nothing is", what, source));
        }
        return fate;
    }

    private void judge(String what, int number, List<String> errors) {
        errors.forEach(error -> wrong(String.format("%s of post %d: %s", what, number, error)));
    }

    private void wrong(String message) {
        wrong++;
        example(message);
    }

    private void example(String message) {
        if (examples.size() < MOST_EXAMPLES) {
            examples.add(message);
        }
    }

    /** Whether each record has an outcome; asked while a run is drained. */
    boolean isComplete() {
        return Stream.concat(posts.values().stream(), strangers.stream()).allMatch(fate -> fate.lost() == 0);
    }

    /** What is known by now; to be asked once. */
    ChaosReport report() {
        for (int number = 0; number < timesOnPosts.length; number++) {
            if (timesOnPosts[number] != 1) {
                wrong(String.format(
                        "post %d was acknowledged, and is on posts %d times", number, timesOnPosts[number]));
            }
        }
        posts.forEach((place, fate) -> {
            if (fate.lost() + fate.duplicates() > 0) {
                example("the post at " + place + " (number " + fate.number() + "): " + fate);
            }
        });
        Collection<ChaosFate> all = posts.values();
        List<ChaosFate> everything =
                Stream.concat(all.stream(), strangers.stream()).toList();
        return new ChaosReport(
                all.size(),
                count(all, fate -> fate.number().isEmpty()),
                count(all, ChaosFate::isEmbedded),
                count(all, ChaosFate::isPredicted),
                count(everything, ChaosFate::isRefused) + count(everything, ChaosFate::isRefusedEmbedded),
                count(all, fate -> fate.number().isPresent() && (fate.isRefused() || fate.isRefusedEmbedded())),
                everything.stream().mapToInt(ChaosFate::duplicates).sum(),
                everything.stream().mapToInt(ChaosFate::lost).sum(),
                wrong,
                examples);
    }

    private static int count(Collection<ChaosFate> fates, Predicate<ChaosFate> which) {
        return (int) fates.stream().filter(which).count();
    }
}
