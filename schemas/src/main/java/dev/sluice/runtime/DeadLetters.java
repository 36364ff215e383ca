package dev.sluice.runtime;

import dev.sluice.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Records that can never be processed, on their way out: bytes and headers as they came, and headers that say why. The
 * names are those that Kafka Streams gives its own dead letters (KIP-1034), and of that kind, so that one reader
 * understands all. A record that was a dead letter before carries the new reason only.
 *
 * <p>A letter always fits its topic, or it would hold up all behind it: what does not fit is left out, headers first, and a
 * header says so.
 */
public final class DeadLetters {
    /** Begins the name of every header that a letter is given. */
    public static final String PREFIX = "__streams.errors.";

    public static final String EXCEPTION = PREFIX + "exception";
    public static final String MESSAGE = PREFIX + "message";
    public static final String TOPIC = PREFIX + "topic";
    public static final String PARTITION = PREFIX + "partition";
    public static final String OFFSET = PREFIX + "offset";

    /** Who could not process it: embedder, trainer, classify or learn. */
    public static final String SERVICE = PREFIX + "service";

    /** When: ISO 8601, UTC. */
    public static final String TIME = PREFIX + "time";

    /** What of the record is not in the letter, for want of room; absent if all is. */
    public static final String CUT = PREFIX + "cut";

    /**
     * How often the record was sent again to its topic, a number; so that nobody sends it in circles. Strangers may send it
     * too: the last of that name counts, if it is as short as a number.
     */
    public static final String REDRIVES = "sluice.redrives";

    /** A reason may quote the record, which may be long; the topic has room for the record and little more. */
    private static final int MAX_MESSAGE_CHARACTERS = 2000;

    /** For the header that says what was cut, which is made last, and for the count of redrives. */
    private static final int CUT_ROOM = 256;

    private static final int MAX_REDRIVES_BYTES = 20;

    private final String service;
    private final TopicLimits limits;
    private final Clock clock;

    /** Where a record lay. */
    public record Place(String topic, int partition, long offset) {}

    /** @param service whose letters they are, see {@link #SERVICE} */
    public DeadLetters(String service, TopicLimits limits, Clock clock) {
        this.service = service;
        this.limits = limits;
        this.clock = clock;
    }

    public static DeadLetters of(String service, Topics topics, Clock clock) {
        return new DeadLetters(service, new TopicLimits(topics), clock);
    }

    public TopicLimits limits() {
        return limits;
    }

    /** @param reason why the record cannot be processed; its message is what people will read */
    public ProducerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> record, Exception reason) {
        Place place = new Place(record.topic(), record.partition(), record.offset());
        return of(place, record.key(), record.value(), record.headers(), reason);
    }

    /** As {@link #of(ConsumerRecord, Exception)}; key and value may be null. */
    public ProducerRecord<byte[], byte[]> of(Place place, byte[] key, byte[] value, Headers headers, Exception reason) {
        return to(Topics.deadLetterOf(place.topic()), place, key, value, headers, reason);
    }

    /** As {@link #of(Place, byte[], byte[], Headers, Exception)}, to another topic of dead letters than the source's. */
    public ProducerRecord<byte[], byte[]> to(
            String topic, Place place, byte[] key, byte[] value, Headers headers, Exception reason) {
        Headers said = new RecordHeaders()
                .add(EXCEPTION, bytes(reason.getClass().getName()))
                .add(MESSAGE, bytes(shortened(String.valueOf(reason.getMessage()))))
                .add(TOPIC, bytes(place.topic()))
                .add(PARTITION, bytes(Integer.toString(place.partition())))
                .add(OFFSET, bytes(Long.toString(place.offset())))
                .add(SERVICE, bytes(service))
                .add(TIME, bytes(clock.instant().truncatedTo(ChronoUnit.MILLIS).toString()));
        return fitting(topic, key, value, originals(headers), said);
    }

    /** The reason alone, which says where the record lies: for a topic that was made with less room than a letter needs. */
    public ProducerRecord<byte[], byte[]> smaller(ProducerRecord<byte[], byte[]> letter) {
        List<Header> said = new ArrayList<>();
        letter.headers().forEach(header -> {
            if (header.key().startsWith(PREFIX) && !header.key().equals(CUT)) {
                said.add(header);
            }
        });
        byte[] nothing = null;
        said.add(new RecordHeader(CUT, bytes("key, value and headers: their topic takes no letter of that size")));
        return new ProducerRecord<>(letter.topic(), null, nothing, nothing, new RecordHeaders(said));
    }

    private ProducerRecord<byte[], byte[]> fitting(
            String topic, byte[] key, byte[] value, List<Header> originals, Headers said) {
        List<String> cut = new ArrayList<>();
        long room = limits.of(topic) - TopicLimits.sizeOf(null, null, said) - CUT_ROOM;
        byte[] keyKept = key != null && key.length > room ? null : key;
        room -= keyKept == null ? 0 : keyKept.length;
        byte[] valueKept = value != null && value.length > room ? null : value;
        room -= valueKept == null ? 0 : valueKept.length;
        if (keyKept != key) {
            cut.add("the key (" + key.length + " bytes)");
        }
        if (valueKept != value) {
            cut.add("the value (" + value.length + " bytes)");
        }
        Set<Header> left = tooMuch(originals, room);
        if (!left.isEmpty()) {
            long bytes = left.stream().mapToLong(TopicLimits::sizeOf).sum();
            cut.add(left.size() + " headers (" + bytes + " bytes)");
        }
        Headers headers = new RecordHeaders();
        originals.stream().filter(header -> !left.contains(header)).forEach(headers::add);
        said.forEach(headers::add);
        if (!cut.isEmpty()) {
            headers.add(CUT, bytes(String.join(", ", cut)));
        }
        return new ProducerRecord<>(topic, null, keyKept, valueKept, headers);
    }

    /** The largest, so that as many as can stay do. Told apart by identity: a name may occur twice. */
    private static Set<Header> tooMuch(List<Header> originals, long room) {
        long needed = originals.stream().mapToLong(TopicLimits::sizeOf).sum();
        Set<Header> left = Collections.newSetFromMap(new IdentityHashMap<>());
        Header redrives = new RecordHeaders(originals).lastHeader(REDRIVES);
        boolean counts = redrives != null && redrives.value() != null && redrives.value().length <= MAX_REDRIVES_BYTES;
        List<Header> largestFirst = originals.stream()
                .filter(header -> !counts || header != redrives)
                .sorted(Comparator.comparingLong((Header header) -> TopicLimits.sizeOf(header))
                        .reversed())
                .toList();
        for (Header header : largestFirst) {
            if (needed <= room) {
                return left;
            }
            needed -= TopicLimits.sizeOf(header);
            left.add(header);
        }
        return left;
    }

    /** What the record brought with it, without what an earlier letter said of it. */
    private static List<Header> originals(Headers headers) {
        List<Header> originals = new ArrayList<>();
        headers.forEach(header -> {
            if (!header.key().startsWith(PREFIX)) {
                originals.add(header);
            }
        });
        return originals;
    }

    private static String shortened(String message) {
        return message.length() <= MAX_MESSAGE_CHARACTERS
                ? message
                : message.substring(0, MAX_MESSAGE_CHARACTERS - 3) + "...";
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
