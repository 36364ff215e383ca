package dev.sluice.schemas;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Vectors as records carry them: little-endian float32, four bytes a number. */
public final class Vectors {
    private Vectors() {}

    /** @return a buffer of {@code 4 * vector.length} bytes, ready to be read */
    public static ByteBuffer toBytes(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return bytes.order(ByteOrder.BIG_ENDIAN);
    }

    /**
     * @param bytes a multiple of four bytes; its position is not moved
     * @throws UnreadableRecordException if the length is not a multiple of four
     */
    public static float[] fromBytes(ByteBuffer bytes) {
        if (bytes.remaining() % Float.BYTES != 0) {
            throw new UnreadableRecordException(
                    "a vector of float32 takes a multiple of 4 bytes, this one has " + bytes.remaining());
        }
        float[] vector = new float[bytes.remaining() / Float.BYTES];
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
        return vector;
    }

    /** Whether every number is finite: neither NaN nor infinite. */
    public static boolean allFinite(float[] vector) {
        for (float x : vector) {
            if (!Float.isFinite(x)) {
                return false;
            }
        }
        return true;
    }
}
