package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentStatus;
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
    private final Map<ChaosPlace, ChaosFate> posts = new HashMap<>();

    /** By places on {@code embedded-posts}; poison written there by the test has a fate of its own. */
    private final Map<ChaosPlace, ChaosFate> embedded = new HashMap<>();

    private final List<ChaosFate> strangers = new ArrayList<>();
    private final List<String> examples = new ArrayList<>();
    private final ChaosRefusals labels = new ChaosRefusals(1, 1);
    private final ChaosRefusals models;
    private final ChaosRefusals deployments;
    private final int servedFrom;
    private final int classifiers;
    private int wrong;

    /** @param sent how many numbered posts were sent and acknowledged, from 0 on */
    ChaosChecker(Topics topics, int sent) {
        this(topics, sent, sent, 1);
    }

    /**
     * @param sent how many numbered posts were sent and acknowledged, from 0 on
     * @param servedFrom the first that was sent when a version served at all classifiers, and a shadow looked on
     * @param classifiers who each refuse a bad model or deployment for themselves, once, if they are there when it comes
     */
    ChaosChecker(Topics topics, int sent, int servedFrom, int classifiers) {
        this.topics = topics;
        this.timesOnPosts = new int[sent];
        this.servedFrom = servedFrom;
        this.classifiers = classifiers;
        this.models = new ChaosRefusals(0, classifiers);
        this.deployments = new ChaosRefusals(0, classifiers);
    }

    /** What it is to be given, in this order. */
    static List<String> topics(Topics topics) {
        String posts = topics.posts().name();
        String embeddedPosts = topics.embeddedPosts().name();
        String labels = topics.labels().name();
        String models = topics.models().name();
        String deployments = topics.deployments().name();
        return List.of(
                posts,
                embeddedPosts,
                topics.predictions().name(),
                topics.shadowPredictions().name(),
                Topics.deadLetterOf(posts),
                Topics.deadLetterOf(embeddedPosts),
                labels,
                Topics.deadLetterOf(labels),
                models,
                Topics.deadLetterOf(models),
                deployments,
                Topics.deadLetterOf(deployments),
                topics.deploymentStatus().name());
    }

    /** Takes in a committed record. */
    void add(ConsumerRecord<byte[], byte[]> record) {
        switch (topics(topics).indexOf(record.topic())) {
            case 0 -> addPost(record);
            case 1 -> addEmbedded(record);
            case 2 -> addPrediction(record, Arm.LIVE, ChaosFate::predict);
            case 3 -> addPrediction(record, Arm.SHADOW, ChaosFate::lookOn);
            case 4 -> addLetter(record, topics.posts().name(), place -> refuse(posts, place, ChaosFate::refuse));
            case 5 ->
                addLetter(
                        record,
                        topics.embeddedPosts().name(),
                        place -> refuse(embedded, place, ChaosFate::refuseEmbedded));
            case 6 -> addIfBad(record, labels);
            case 7 -> addLetter(record, topics.labels().name(), labels::addLetter);
            case 8 -> addIfBad(record, models);
            case 9 -> addLetter(record, topics.models().name(), models::addLetter);
            case 10 -> addIfBad(record, deployments);
            case 11 -> addLetter(record, topics.deployments().name(), deployments::addLetter);
            case 12 -> addStatus(record);
            default -> throw new IllegalArgumentException("nothing is promised of " + record.topic());
        }
    }

    private static void addIfBad(ConsumerRecord<byte[], byte[]> record, ChaosRefusals refusals) {
        if (ChaosPoison.isBad(record)) {
            refusals.addBad(ChaosPlace.of(record));
        }
    }

    private static boolean refuse(Map<ChaosPlace, ChaosFate> fates, ChaosPlace place, Consumer<ChaosFate> refusal) {
        Optional<ChaosFate> fate = Optional.ofNullable(fates.get(place));
        fate.ifPresent(refusal);
        return fate.isPresent();
    }

    private void addStatus(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return; // an arm that is no more
        }
        DeploymentStatus status = topics.deploymentStatus().codec().decode(record.value());
        status.getServingVersion()
                .filter(ChaosPoison::isBadVersion)
                .ifPresent(version -> wrong(
                        String.format("%s serves version %d, which is not sound", status.getInstance(), version)));
    }

    private void addPost(ConsumerRecord<byte[], byte[]> record) {
        OptionalInt number = numberIn(record);
        posts.put(ChaosPlace.of(record), new ChaosFate(number, number.isPresent() && number.getAsInt() >= servedFrom));
        if (number.isEmpty() != ChaosPoison.isBad(record)) {
            wrong(String.format("the post at %s is none that the test sent", ChaosPlace.of(record)));
        }
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
            find(post.getSource(), "the embedded post at " + ChaosPlace.of(record))
                    .ifPresent(fate -> {
                        fate.embed();
                        embedded.put(ChaosPlace.of(record), fate);
                        if (fate.number().isEmpty()) {
                            wrong(String.format("the post at %s is poison, and was embedded", post.getSource()));
                        }
                        fate.number()
                                .ifPresent(
                                        number -> judge("embedded post", number, ChaosContent.errorsIn(post, number)));
                    });
        } catch (UnreadableRecordException e) {
            if (!ChaosPoison.isBad(record)) {
                wrong(String.format("what was embedded at %s cannot be read", ChaosPlace.of(record)));
            }
            ChaosFate stranger = new ChaosFate(OptionalInt.empty(), false);
            stranger.embed();
            embedded.put(ChaosPlace.of(record), stranger);
            strangers.add(stranger);
        }
    }

    private void addPrediction(ConsumerRecord<byte[], byte[]> record, Arm arm, Consumer<ChaosFate> outcome) {
        Prediction prediction = topics.predictions().codec().decode(record.value());
        find(prediction.getSource(), "the prediction at " + ChaosPlace.of(record))
                .ifPresent(fate -> {
                    outcome.accept(fate);
                    fate.number()
                            .ifPresent(number -> judge(
                                    arm == Arm.LIVE ? "prediction" : "shadow prediction",
                                    number,
                                    ChaosContent.errorsIn(prediction, number, arm, number >= servedFrom)));
                });
    }

    /** @param refusal tells whether what lies there may have a letter */
    private void addLetter(ConsumerRecord<byte[], byte[]> record, String source, Predicate<ChaosPlace> refusal) {
        Optional<ChaosPlace> place = header(record, DeadLetters.TOPIC).equals(Optional.of(source))
                ? header(record, DeadLetters.PARTITION).flatMap(partition -> header(record, DeadLetters.OFFSET)
                        .map(offset -> new ChaosPlace(Integer.parseInt(partition), Long.parseLong(offset))))
                : Optional.empty();
        if (place.filter(refusal).isEmpty()) {
            wrong(String.format("a dead letter tells of %s %s, where nothing bad is", source, place));
        }
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
                ? Optional.ofNullable(posts.get(new ChaosPlace(source.getPartition(), source.getOffset())))
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
        return labels.lost() == 0
                && Stream.concat(posts.values().stream(), strangers.stream()).allMatch(fate -> fate.lost() == 0);
    }

    /** Bad models and deployments of which every classifier has said that it refuses them. */
    int refusedByAll() {
        return models.with(classifiers) + deployments.with(classifiers);
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
                count(all, ChaosFate::isLookedOn),
                labels.bad() + models.bad() + deployments.bad(),
                everything.stream().mapToInt(ChaosFate::duplicates).sum()
                        + labels.duplicates()
                        + models.duplicates()
                        + deployments.duplicates(),
                everything.stream().mapToInt(ChaosFate::lost).sum() + labels.lost(),
                wrong,
                examples);
    }

    private static int count(Collection<ChaosFate> fates, Predicate<ChaosFate> which) {
        return (int) fates.stream().filter(which).count();
    }
}
