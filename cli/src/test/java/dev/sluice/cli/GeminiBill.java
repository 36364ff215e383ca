package dev.sluice.cli;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What each text cost: every time that it was charged, and whether its vector was sent back. */
final class GeminiBill {
    private static final int LONGEST_NAME = 120;

    /**
     * @param arrived when the call came, in epoch milliseconds
     * @param at when it was charged, likewise
     * @param answered false if the call failed after it was charged
     */
    record Payment(long arrived, long at, boolean answered) {}

    private final Map<String, List<Payment>> payments = new ConcurrentHashMap<>();

    void add(List<String> texts, Payment payment) {
        for (String text : texts) {
            payments.compute(nameOf(text), (name, list) -> {
                List<Payment> all = list == null ? new ArrayList<>(1) : new ArrayList<>(list);
                all.add(payment);
                return List.copyOf(all);
            });
        }
    }

    /** The answer could not be sent after all. */
    void unanswered(List<String> texts, Payment payment) {
        Payment failed = new Payment(payment.arrived(), payment.at(), false);
        for (String text : texts) {
            payments.computeIfPresent(nameOf(text), (name, list) -> list.stream()
                    .map(it -> it.equals(payment) ? failed : it)
                    .toList());
        }
    }

    List<Payment> of(String text) {
        return payments.getOrDefault(nameOf(text), List.of());
    }

    /** By the text, or for a long one its beginning and its hash. */
    Map<String, List<Payment>> all() {
        return Map.copyOf(payments);
    }

    /** Texts whose vector was sent back more than once. */
    long answeredTwice() {
        return payments.values().stream()
                .filter(list -> list.stream().filter(Payment::answered).count() > 1)
                .count();
    }

    private static String nameOf(String text) {
        if (text.length() <= LONGEST_NAME) {
            return text;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return text.substring(0, LONGEST_NAME / 2) + "#" + HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
