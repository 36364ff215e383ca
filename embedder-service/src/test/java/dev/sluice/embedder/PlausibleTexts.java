package dev.sluice.embedder;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Texts that read like posts of a forum, from a small grammar: what a tokenizer meets is words, not noise. Same seed, same texts. */
final class PlausibleTexts {
    private static final List<String> WHO = words("I;we;my brother;our old neighbour;the mechanic;a friend at work;"
            + "somebody on this list;the author;my doctor;the whole crew");
    private static final List<String> DID = words("bought;repaired;could not find;measured;has never trusted;"
            + "compared;would rather keep;finally replaced;tested;described;returned;painted");
    private static final List<String> WHAT =
            words("a used gearbox;the telescope;two rechargeable batteries;the new encryption"
                    + " chip;an oscilloscope;the left headlight;a bottle of antihistamines;the shuttle's main engine;my notebook;"
                    + "the antenna;their latest proposal;a cheap multimeter;the garden pump");
    private static final List<String> WHERE =
            words("in the garage;last winter;before the launch;at the university;for about"
                    + " 40 dollars;on a rainy Sunday;without any instructions;within 3 weeks;near the border;after reading the"
                    + " manual twice");
    private static final List<String> AND =
            words("but it still leaks;and nobody complained;which surprised everyone;so the"
                    + " warranty is void;although the schematic says otherwise;because 12 volts were not enough;and I'd do it"
                    + " again;yet the readings don't agree");
    private static final List<String> END = words(".;.;.;!;?;...");

    private final Random random;

    PlausibleTexts(long seed) {
        random = new Random(seed);
    }

    /** @param words on average; lengths spread by a half to both sides */
    List<String> of(int count, int words) {
        return Stream.generate(() -> text(words / 2 + random.nextInt(words)))
                .limit(count)
                .toList();
    }

    private String text(int words) {
        List<String> text = new ArrayList<>();
        while (text.size() < words) {
            text.addAll(List.of(sentence().split(" ")));
        }
        return String.join(" ", text.subList(0, words));
    }

    private String sentence() {
        List<String> parts = new ArrayList<>(List.of(any(WHO), any(DID), any(WHAT)));
        if (random.nextInt(3) > 0) {
            parts.add(any(WHERE));
        }
        if (random.nextBoolean()) {
            parts.add(any(AND));
        }
        String sentence = String.join(" ", parts);
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1) + any(END);
    }

    private String any(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private static List<String> words(String separated) {
        return List.of(separated.split(";"));
    }
}
