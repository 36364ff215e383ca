package dev.sluice.trainer;

import dev.sluice.schemas.Vectors;
import dev.sluice.schemas.WordCounts;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Where the vectors and counted words of examples lie: in a {@link TemporaryFile}, so that the Java heap holds a few dozen bytes
 * of each, whatever its size, and the operating system decides what of them stays in memory. What is freed is overwritten
 * with zeros, and its room is given to the next of that size.
 *
 * <p>While a fit reads, {@link #hold} keeps what is freed as it is; {@link #letGo} makes up for that. To be used by one
 * thread, but for what was stored: that may be read by any that was handed it.
 */
final class ExampleFile {
    private static final int PART = 4 << 20;

    /** Sizes are rounded up to these, so that room freed fits again. */
    private static final int GRAIN = 64;

    private static final byte[] ZEROS = new byte[64 << 10];

    private final TemporaryFile file;
    private final Map<Integer, Deque<Block>> free = new HashMap<>();
    private final List<Block> leaving = new ArrayList<>();
    private boolean held;
    private Part part = new Part(ByteBuffer.allocate(0));
    private int used;

    /**
     * @param folder there, or to be made
     * @throws UncheckedIOException naming the folder and the cure, if it cannot be written to
     */
    ExampleFile(Path folder) {
        file = new TemporaryFile(folder);
    }

    /** Seen both ways. */
    private record Part(ByteBuffer bytes, FloatBuffer floats) {
        Part(ByteBuffer mapped) {
            this(
                    mapped.order(ByteOrder.LITTLE_ENDIAN),
                    mapped.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
        }
    }

    /** A run of bytes. It holds the part, so whatever can be read is mapped. */
    private abstract static class Block {
        private final Part part;
        private final int from;
        private final int size;

        Block(Part part, int from, int size) {
            this.part = part;
            this.from = from;
            this.size = size;
        }

        void erase() {
            for (int done = 0; done < size; done += ZEROS.length) {
                part.bytes().put(from + done, ZEROS, 0, Math.min(ZEROS.length, size - done));
            }
        }
    }

    private static final class VectorBlock extends Block implements Row {
        VectorBlock(Part part, int from, int size) {
            super(part, from, size);
        }

        @Override
        public int length() {
            return super.size / Float.BYTES;
        }

        @Override
        public float[] read(float[] scratch) {
            super.part.floats().get(super.from / Float.BYTES, scratch, 0, length());
            return scratch;
        }
    }

    private static final class WordsBlock extends Block implements Supplier<WordCounts> {
        WordsBlock(Part part, int from, int size) {
            super(part, from, size);
        }

        @Override
        public WordCounts get() {
            byte[] bytes = new byte[super.size];
            super.part.bytes().get(super.from, bytes);
            return WordCounts.fromBytes(ByteBuffer.wrap(bytes));
        }
    }

    private interface Kind<B extends Block> {
        B of(Part part, int from, int size);
    }

    /** @throws UncheckedIOException naming the folder and the cure, if the disk is full */
    Row store(Row vector) {
        return store(Vectors.toBytes(vector.read()), VectorBlock::new);
    }

    /** @throws UncheckedIOException as {@link #store(Row)} */
    Supplier<WordCounts> store(WordCounts words) {
        return store(words.toBytes(), WordsBlock::new);
    }

    private <B extends Block> B store(ByteBuffer bytes, Kind<B> kind) {
        B block = roomFor(bytes.remaining(), kind);
        Block room = block;
        room.part.bytes().put(room.from, bytes.array(), bytes.arrayOffset() + bytes.position(), room.size);
        return block;
    }

    private <B extends Block> B roomFor(int size, Kind<B> kind) {
        Deque<Block> left = free.get(rounded(size));
        Block before = left == null ? null : left.poll();
        if (before != null) {
            return kind.of(before.part, before.from, size);
        }
        if (part.bytes().capacity() - used < rounded(size)) {
            part = new Part(file.nextPart(Math.max(PART, rounded(size))));
            used = 0;
        }
        B room = kind.of(part, used, size);
        used += rounded(size);
        return room;
    }

    private static int rounded(int size) {
        return Math.max(GRAIN, (size + GRAIN - 1) / GRAIN * GRAIN);
    }

    /** What was stored here is erased, now or by {@link #letGo}; anything else is left alone. Not to be read any more by then. */
    void free(Object stored) {
        if (stored instanceof Block block) {
            if (held) {
                leaving.add(block);
            } else {
                reuse(block);
            }
        }
    }

    private void reuse(Block block) {
        block.erase();
        free.computeIfAbsent(rounded(block.size), size -> new ArrayDeque<>()).add(block);
    }

    /** From now on what is freed stays as it is. */
    void hold() {
        held = true;
    }

    void letGo() {
        held = false;
        leaving.forEach(this::reuse);
        leaving.clear();
    }

    /** Forgets all. What was stored may be read still, and goes with the last who can. */
    void clear() {
        held = false;
        leaving.clear();
        free.clear();
        part = new Part(ByteBuffer.allocate(0));
        used = 0;
        file.close();
    }
}
