package dev.sluice.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiFunction;

/**
 * Shows one decoder thousands of inputs that are nearly right, and some that are nothing, and finds out whether anything but
 * its documented exceptions comes out, whether an input takes more memory than is fair for its size, or time without end.
 *
 * <p>An input that makes something new happen (another place that throws, another size of result) is kept, and mutated on:
 * so it finds its way from one check to the next, as with a fuzzer that instruments code, and nothing is instrumented. Memory
 * is what the thread allocated and time is what it computed, so a busy machine changes no verdict. What fails is made
 * shorter, and told with the seed. jqwik shrinks better, but is blind to what comes out, and cannot end a try.
 *
 * <p>{@code sluice.fuzz.tries} and {@code sluice.fuzz.seed} are the tries of each decoder and where chance begins; a seed
 * makes the same inputs again.
 */
public final class Fuzz {
    /** Takes any bytes. Of what it returns only a text's length is looked at. */
    public interface Decoder {
        Object decode(byte[] input);
    }

    private static final int TRIES = Integer.getInteger("sluice.fuzz.tries", 2000);
    private static final long SEED = Long.getLong("sluice.fuzz.seed", 1);

    /** One in so many inputs is like no other. */
    private static final int RANDOM_ONE_IN = 50;

    private static final int MOST_TRIES_TO_SHORTEN = 2000;
    private static final int SHOWN_BYTES = 4096;

    /** Room for stack traces, buffers and what is made once, as Jackson's table of names when it grows: 2.7 MB were met. */
    private static final long FREE_BYTES = 8 * 1024 * 1024;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final String name;
    private final Decoder decoder;
    private final Set<Class<?>> documented;
    private List<byte[]> seeds = List.of(new byte[0]);
    private List<String> words = List.of();
    private long bytesPerByte = 400; // a model of thousands of epochs took 254
    private Duration mostComputing = Duration.ofSeconds(10);
    private Optional<BiFunction<byte[], SplittableRandom, byte[]>> wellFormed = Optional.empty();

    private Fuzz(String name, Decoder decoder, Set<Class<?>> documented) {
        this.name = name;
        this.decoder = decoder;
        this.documented = documented;
    }

    /** @param documented the exceptions that may come out, and those that extend them */
    public static Fuzz of(String name, Decoder decoder, Class<?>... documented) {
        return new Fuzz(name, decoder, Set.of(documented));
    }

    /** Inputs to begin with, one or more. */
    public Fuzz from(List<byte[]> inputs) {
        seeds = List.copyOf(inputs);
        return this;
    }

    /** What stands in inputs. */
    public Fuzz words(String... some) {
        words = List.of(some);
        return this;
    }

    /** How much an input may allocate for each of its bytes, beside what is free. */
    public Fuzz bytesPerByte(long most) {
        bytesPerByte = most;
        return this;
    }

    /** Of computing, for one input. */
    Fuzz endsWithin(Duration most) {
        mostComputing = most;
        return this;
    }

    /** A change of an input to begin with that leaves its form whole and makes its content odd. */
    public Fuzz alsoBy(BiFunction<byte[], SplittableRandom, byte[]> change) {
        wellFormed = Optional.of(change);
        return this;
    }

    /** Bytes changed as inputs are. */
    public static byte[] changed(byte[] bytes, String[] words, SplittableRandom random) {
        return new Mutations(List.of(words)).of(bytes, bytes, random);
    }

    public void run() {
        run(TRIES, SEED);
    }

    /** @throws AssertionError with the input, if one goes wrong */
    void run(int tries, long seed) {
        long began = System.nanoTime();
        Corpus corpus = new Corpus(seeds);
        new Watched(mostComputing, fuzzing -> {
                    tryOnce(new byte[0]); // what is made once is no input's fault
                    seeds.forEach(this::tryOnce);
                    SplittableRandom random = new SplittableRandom(seed ^ name.hashCode());
                    Mutations mutations = new Mutations(words);
                    for (int i = 0; i < tries; i++) {
                        byte[] input = next(corpus, mutations, random);
                        fuzzing.begins(input);
                        Outcome outcome = tryOnce(input);
                        if (isWrong(outcome, input)) {
                            throw failure(input, outcome, fuzzing, seed, i);
                        }
                        corpus.add(input, outcome);
                    }
                })
                .run(name + ", seed " + seed);
        System.out.printf(
                "fuzz %s: %,d tries in %.1f s, %s; seed %d%n",
                name, tries, (System.nanoTime() - began) / 1e9, corpus.summary(tries), seed);
    }

    private byte[] next(Corpus corpus, Mutations mutations, SplittableRandom random) {
        if (random.nextInt(RANDOM_ONE_IN) == 0) {
            return Mutations.bytes(random.nextInt(256), random);
        }
        if (wellFormed.isPresent() && random.nextBoolean()) {
            byte[] odd = wellFormed.get().apply(corpus.seed(random), random);
            return random.nextInt(4) > 0 ? odd : mutations.of(odd, corpus.any(random), random);
        }
        return mutations.of(corpus.any(random), corpus.any(random), random);
    }

    private Outcome tryOnce(byte[] input) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            Object result = decoder.decode(input);
            return Outcome.read(result, THREADS.getCurrentThreadAllocatedBytes() - before);
        } catch (Throwable e) {
            return Outcome.thrown(e, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
    }

    private boolean isWrong(Outcome outcome, byte[] input) {
        return isGreedy(outcome, input)
                || outcome.thrown().filter(this::isUndocumented).isPresent();
    }

    private boolean isGreedy(Outcome outcome, byte[] input) {
        return outcome.allocated() > FREE_BYTES + bytesPerByte * input.length;
    }

    private boolean isUndocumented(Throwable thrown) {
        return documented.stream().noneMatch(kind -> kind.isInstance(thrown));
    }

    private AssertionError failure(byte[] input, Outcome outcome, Watched fuzzing, long seed, int at) {
        Map.Entry<byte[], Outcome> shortest = shortened(input, outcome, fuzzing);
        Outcome last = shortest.getValue();
        return new AssertionError(
                String.format(
                        "fuzz %s, seed %d, try %d: %s; the input, of %d bytes, in base64: %s",
                        name,
                        seed,
                        at,
                        last.thrown()
                                .filter(this::isUndocumented)
                                .map(thrown -> "not documented: " + thrown)
                                .orElse("it allocated " + last.allocated() + " bytes"),
                        shortest.getKey().length,
                        shown(shortest.getKey())),
                last.thrown().orElse(null));
    }

    static String shown(byte[] input) {
        return Base64.getEncoder().encodeToString(Arrays.copyOf(input, Math.min(input.length, SHOWN_BYTES)));
    }

    /** Takes out a half, quarters and so on as long as it goes wrong in the same way. */
    private Map.Entry<byte[], Outcome> shortened(byte[] input, Outcome outcome, Watched fuzzing) {
        byte[] shortest = input;
        Outcome last = outcome;
        int left = MOST_TRIES_TO_SHORTEN;
        for (int piece = Math.max(1, input.length / 2); piece > 0; piece /= 2) {
            for (int at = 0; at + piece <= shortest.length && left > 0; left--) {
                byte[] shorter = Mutations.replaced(shortest, at, at + piece, new byte[0]);
                fuzzing.begins(shorter);
                Outcome now = tryOnce(shorter);
                boolean same = now.thrown()
                        .map(Throwable::getClass)
                        .equals(outcome.thrown().map(Throwable::getClass));
                if (same && isWrong(now, shorter)) {
                    shortest = shorter;
                    last = now;
                } else {
                    at += piece;
                }
            }
        }
        return Map.entry(shortest, last);
    }
}
