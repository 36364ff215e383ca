package dev.sluice.embedder;

import dev.sluice.runtime.DeadLetters;
import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.UnreadableRecordException;
import dev.sluice.schemas.Vectors;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What labelled posts become on {@code reembedded-vectors}: those without a vector in the next space get one, under the same
 * key; those that have it nothing; what is withdrawn is withdrawn there too. The labelled vectors themselves are left as
 * they are: they have one writer, and a copy of a label might overtake its correction. The post's own text and attributes stay
 * there as well, so that no more copies of them lie about than must.
 *
 * <p>A post that is older than the present model too gets vectors of both, or the trainer would lose it with the change after.
 */
final class ReembeddedTexts {
    private static final Logger LOG = LoggerFactory.getLogger(ReembeddedTexts.class);

    private final Map<String, Topic<EmbeddedPost>> outputs;
    private final EmbeddingSpace next;
    private final AnswerTexts nextAnswers;
    private final EmbeddingSpace present;
    private final AnswerTexts presentAnswers;
    private final DeadLetters letters;
    private final Clock clock;

    /** What goes out for a record. */
    record Output(ConsumerRecord<byte[], byte[]> source, ProducerRecord<byte[], byte[]> record) {
        TopicPartition partition() {
            return new TopicPartition(source.topic(), source.partition());
        }
    }

    private record Labelled(ConsumerRecord<byte[], byte[]> record, EmbeddedPost post) {
        boolean isOf(EmbeddingSpace space) {
            return Stream.concat(
                            Stream.of(post.getSpace()),
                            post.getAlternatives().stream().map(AlternativeEmbedding::getSpace))
                    .anyMatch(its -> EmbeddingSpaces.same(its, space));
        }
    }

    /**
     * @param classifiers whose labelled texts come
     * @param fitting how many of these texts, from the first on, go into one call now; 1 or more
     */
    ReembeddedTexts(
            Collection<Topics> classifiers,
            EmbeddingModel present,
            EmbeddingModel next,
            ToIntFunction<List<String>> fitting,
            Clock clock) {
        this.outputs = classifiers.stream()
                .collect(Collectors.toMap(topics -> topics.labeledVectors().name(), Topics::reembeddedVectors));
        this.next = next.space();
        this.nextAnswers = new AnswerTexts(next, fitting);
        this.present = present.space();
        this.presentAnswers = new AnswerTexts(present, fitting);
        this.letters = DeadLetters.of("embedder", classifiers.iterator().next(), clock);
        this.clock = clock;
    }

    /** The topics that are read. */
    Collection<String> inputs() {
        return List.copyOf(outputs.keySet());
    }

    /**
     * Takes as long as the models and the quota take.
     *
     * @return at most one for each record, in their order
     * @throws ProviderMisconfiguredException if a model will not answer as it is set up
     */
    List<Output> of(List<ConsumerRecord<byte[], byte[]>> records) throws InterruptedException {
        Map<ConsumerRecord<byte[], byte[]>, Labelled> due = new HashMap<>();
        records.forEach(record -> read(record).filter(it -> !it.isOf(next)).ifPresent(it -> due.put(record, it)));
        Map<String, Answer> nexts = ask(nextAnswers, due.values().stream());
        Map<String, Answer> presents = EmbeddingSpaces.same(next, present)
                ? Map.of()
                : ask(presentAnswers, due.values().stream().filter(it -> !it.isOf(present)));
        List<Output> made = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (record.value() == null) {
                made.add(new Output(
                        record, new ProducerRecord<>(outputs.get(record.topic()).name(), record.key(), null)));
            } else if (due.containsKey(record)) {
                String text = due.get(record).post().getText();
                made.add(new Output(
                        record, output(due.get(record), nexts.get(text), Optional.ofNullable(presents.get(text)))));
            }
        }
        return made;
    }

    /**
     * In place of an output that Kafka would not take: a dead letter, and in place of that its reason alone.
     *
     * @return nothing if it is as small as it can be
     */
    Optional<Output> smaller(Output refused) {
        boolean isLetter = !refused.record()
                .topic()
                .equals(outputs.get(refused.source().topic()).name());
        if (isLetter && isBare(refused.record())) {
            return Optional.empty();
        }
        ProducerRecord<byte[], byte[]> letter = isLetter
                ? letters.smaller(refused.record())
                : letters.of(
                        refused.source(),
                        new RecordTooLargeException("Kafka takes no record of this size on "
                                + refused.record().topic()));
        return Optional.of(new Output(refused.source(), letter));
    }

    private static boolean isBare(ProducerRecord<byte[], byte[]> letter) {
        return letter.key() == null && letter.value() == null;
    }

    /** Empty also if it cannot be read, which the trainer reports. */
    private Optional<Labelled> read(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null || record.value() == null) {
            return Optional.empty();
        }
        try {
            EmbeddedPost post = outputs.get(record.topic()).codec().decode(record.value());
            return Optional.of(new Labelled(record, post))
                    .filter(it -> !post.getText().isBlank());
        } catch (UnreadableRecordException e) {
            LOG.debug(
                    "{}-{} at {} is passed over: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static Map<String, Answer> ask(AnswerTexts model, Stream<Labelled> labelled) throws InterruptedException {
        List<String> texts = labelled.map(it -> it.post().getText()).distinct().toList();
        Map<String, Answer> answers = new HashMap<>();
        if (!texts.isEmpty()) {
            model.of(texts, (answer, position) -> answers.put(texts.get(position), answer));
        }
        return answers;
    }

    private ProducerRecord<byte[], byte[]> output(
            Labelled labelled, Answer nextAnswer, Optional<Answer> presentAnswer) {
        if (nextAnswer.refusal().isPresent()) {
            return letters.of(labelled.record(), nextAnswer.refusal().get());
        }
        Post post = labelled.post().getPost();
        EmbeddedPost.Builder again = EmbeddedPost.newBuilder(labelled.post())
                .setPost(Post.newBuilder()
                        .setId(post.getId().orElse(null))
                        .setLabel(post.getLabel().orElse(null))
                        .setSplit(post.getSplit().orElse(null))
                        .build())
                .setEmbedding(Vectors.toBytes(nextAnswer.vector().orElseThrow()))
                .setSpace(next)
                .setAlternatives(presentAnswer
                        .flatMap(Answer::vector)
                        .map(vector -> new AlternativeEmbedding(Vectors.toBytes(vector), present))
                        .stream()
                        .toList())
                .setEmbeddedAt(clock.instant().truncatedTo(ChronoUnit.MILLIS));
        Topic<EmbeddedPost> topic = outputs.get(labelled.record().topic());
        return new ProducerRecord<>(
                topic.name(), labelled.record().key(), topic.codec().encode(again.build()));
    }
}
