package dev.sluice.embedder;

import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a partition has used of the quotas, as text of at most 1 KB for the metadata of its committed offset, by which its
 * next owner learns of it. Ends of charges are rounded up to buckets, so a reader waits a little longer than it must, and
 * never too little.
 *
 * <p>Form: {@code q1 h r<width>:<bucket>.<amount>,.<amount>,<skip>.<amount> d<width>:...}, numbers in base 36, widths in
 * milliseconds, the first bucket since 1970, the others since the one before; no bucket is the next one.
 *
 * @param held whether the writer went on using the partition's share after it wrote this
 * @param charges amounts by the millisecond since 1970 at which they end
 */
record QuotaNote(boolean held, Map<QuotaKind, NavigableMap<Long, Long>> charges) {
    private static final String VERSION = "q1";
    private static final String HELD = "h";
    private static final String RELEASED = "r";
    private static final int BASE = Character.MAX_RADIX;

    QuotaNote {
        EnumMap<QuotaKind, NavigableMap<Long, Long>> copy = new EnumMap<>(QuotaKind.class);
        copy.putAll(charges);
        charges = copy;
    }

    /** @return the charges of a kind; none if the note does not speak of it */
    NavigableMap<Long, Long> of(QuotaKind kind) {
        return charges.getOrDefault(kind, new TreeMap<>());
    }

    /** @param widths of the buckets, in milliseconds, 1 or more, for each kind of this note */
    String text(Map<QuotaKind, Long> widths) {
        StringBuilder text = new StringBuilder(VERSION).append(' ').append(held ? HELD : RELEASED);
        charges.forEach((kind, ends) -> append(text, kind, ends, widths.get(kind)));
        return text.toString();
    }

    private static void append(StringBuilder text, QuotaKind kind, NavigableMap<Long, Long> ends, long width) {
        NavigableMap<Long, Long> buckets = new TreeMap<>();
        ends.forEach((end, amount) -> buckets.merge(-Math.floorDiv(-end, width), amount, Long::sum));
        if (buckets.isEmpty()) {
            return;
        }
        text.append(' ').append(kind.sign()).append(Long.toString(width, BASE)).append(':');
        long last = 0;
        String comma = "";
        for (Map.Entry<Long, Long> bucket : buckets.entrySet()) {
            long skip = bucket.getKey() - last;
            text.append(comma).append(skip == 1 ? "" : Long.toString(skip, BASE));
            text.append('.').append(Long.toString(bucket.getValue(), BASE));
            last = bucket.getKey();
            comma = ",";
        }
    }

    /** @return the note as if its writer had not given the partition up; any other text as it is */
    static String asHeld(String text) {
        String released = VERSION + " " + RELEASED;
        return text.startsWith(released) ? VERSION + " " + HELD + text.substring(released.length()) : text;
    }

    /** @throws IllegalArgumentException if this is no such text */
    static QuotaNote parse(String text) {
        String[] words = text.split(" ", -1);
        if (words.length < 2 || !words[0].equals(VERSION) || !(words[1].equals(HELD) || words[1].equals(RELEASED))) {
            throw new IllegalArgumentException("not a note of a quota");
        }
        Map<QuotaKind, NavigableMap<Long, Long>> charges = new EnumMap<>(QuotaKind.class);
        for (int i = 2; i < words.length; i++) {
            int colon = words[i].indexOf(':');
            if (colon < 2) {
                throw new IllegalArgumentException("a kind without its width");
            }
            long width = number(words[i].substring(1, colon));
            charges.put(kindOf(words[i].charAt(0)), buckets(words[i].substring(colon + 1), width));
        }
        return new QuotaNote(words[1].equals(HELD), charges);
    }

    private static NavigableMap<Long, Long> buckets(String text, long width) {
        NavigableMap<Long, Long> ends = new TreeMap<>();
        long bucket = 0;
        for (String pair : text.split(",", -1)) {
            int dot = pair.indexOf('.');
            if (dot < 0) {
                throw new IllegalArgumentException("a bucket without its amount");
            }
            bucket += dot == 0 ? 1 : number(pair.substring(0, dot));
            if (bucket <= 0 || bucket > Long.MAX_VALUE / width) {
                throw new IllegalArgumentException("a bucket beyond all time");
            }
            ends.put(bucket * width, number(pair.substring(dot + 1)));
        }
        return ends;
    }

    private static long number(String digits) {
        long number = Long.parseLong(digits, BASE);
        if (number <= 0) {
            throw new IllegalArgumentException("not above 0: " + digits);
        }
        return number;
    }

    private static QuotaKind kindOf(char sign) {
        for (QuotaKind kind : QuotaKind.values()) {
            if (kind.sign() == sign) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind of quota: " + sign);
    }
}
