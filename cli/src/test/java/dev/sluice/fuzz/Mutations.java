package dev.sluice.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Bytes made a little wrong, in the ways that find most: flipped bits, cuts, repeats, pieces of other inputs, numbers at the
 * edges, lengths that lie, words of the format where they do not belong.
 *
 * <p>Source: the "havoc" stage of Zalewski's American Fuzzy Lop.
 */
final class Mutations {
    /** Longer inputs find nothing more here, and cost time. */
    static final int LONGEST = 16 * 1024;

    private static final long[] EDGES = {
        0,
        1,
        -1,
        2,
        63,
        64,
        65,
        127,
        128,
        255,
        256,
        32767,
        32768,
        65535,
        65536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE - 8,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        0x7ff0000000000000L,
        0x7ff8000000000001L,
        0x7f800000L
    };

    private final List<byte[]> words;

    /** @param words of the format, put in at any place */
    Mutations(List<String> words) {
        this.words = words.stream()
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    /** @param other an input to take pieces of */
    byte[] of(byte[] input, byte[] other, SplittableRandom random) {
        byte[] mutated = input;
        for (int more = 1 << random.nextInt(4); more > 0; more--) {
            mutated = once(mutated, other, random);
        }
        return mutated.length <= LONGEST ? mutated : Arrays.copyOf(mutated, LONGEST);
    }

    private byte[] once(byte[] input, byte[] other, SplittableRandom random) {
        int at = random.nextInt(input.length + 1);
        int to = at + random.nextInt(Math.min(input.length - at, 1 << random.nextInt(10)) + 1);
        return switch (random.nextInt(11)) {
            case 0 -> flipped(input, at, random);
            case 1 -> replaced(input, at, Math.min(at + 1, input.length), bytes(1, random));
            case 2 -> replaced(input, at, to, new byte[0]);
            case 3 -> Arrays.copyOf(input, at);
            case 4 -> replaced(input, to, to, Arrays.copyOfRange(input, at, to));
            case 5 -> replaced(input, at, at, bytes(1 + random.nextInt(8), random));
            case 6 -> replaced(input, at, Math.min(to, input.length), edge(random));
            case 7 -> replaced(input, at, at, word(random));
            case 8 -> replaced(input, at, to, word(random));
            case 9 -> replaced(input, at, to, piece(other, random));
            default -> replaced(input, at, to, repeated(Arrays.copyOfRange(input, at, to), random));
        };
    }

    private static byte[] flipped(byte[] input, int at, SplittableRandom random) {
        byte[] flipped = input.clone();
        if (at < flipped.length) {
            flipped[at] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    /** Now and then thousands of times: what nests, nests deep, and what costs by the square, costs. */
    private static byte[] repeated(byte[] piece, SplittableRandom random) {
        int times = random.nextInt(32) == 0 ? 2048 : 1 + random.nextInt(16);
        times = Math.min(times, LONGEST / Math.max(1, piece.length));
        byte[] repeated = new byte[piece.length * times];
        for (int i = 0; i < times; i++) {
            System.arraycopy(piece, 0, repeated, i * piece.length, piece.length);
        }
        return repeated;
    }

    private static byte[] piece(byte[] other, SplittableRandom random) {
        int from = random.nextInt(other.length + 1);
        return Arrays.copyOfRange(other, from, from + random.nextInt(Math.min(other.length - from, 512) + 1));
    }

    private byte[] word(SplittableRandom random) {
        return words.isEmpty() ? edge(random) : words.get(random.nextInt(words.size()));
    }

    /** A number at an edge: in digits, in 1 to 8 bytes of either order, or as Avro writes it. */
    private static byte[] edge(SplittableRandom random) {
        long number = EDGES[random.nextInt(EDGES.length)] + random.nextInt(-1, 2);
        return switch (random.nextInt(4)) {
            case 0 -> Long.toString(number).getBytes(StandardCharsets.US_ASCII);
            case 1 -> zigZag(number);
            default -> {
                ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
                byte[] all = ByteBuffer.allocate(Long.BYTES)
                        .order(order)
                        .putLong(number)
                        .array();
                int width = 1 << random.nextInt(4);
                yield order == ByteOrder.LITTLE_ENDIAN
                        ? Arrays.copyOf(all, width)
                        : Arrays.copyOfRange(all, Long.BYTES - width, Long.BYTES);
            }
        };
    }

    static byte[] zigZag(long number) {
        byte[] bytes = new byte[10];
        int length = 0;
        for (long left = (number << 1) ^ (number >> 63); ; left >>>= 7) {
            if ((left & ~0x7fL) == 0) {
                bytes[length++] = (byte) left;
                return Arrays.copyOf(bytes, length);
            }
            bytes[length++] = (byte) ((left & 0x7f) | 0x80);
        }
    }

    static byte[] bytes(int count, SplittableRandom random) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    static byte[] replaced(byte[] input, int from, int to, byte[] by) {
        byte[] replaced = Arrays.copyOf(input, input.length - (to - from) + by.length);
        System.arraycopy(by, 0, replaced, from, by.length);
        System.arraycopy(input, to, replaced, from + by.length, input.length - to);
        return replaced;
    }
}
