package dev.sluice.trainer;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;

/**
 * Numbers twice: in an array of Java's, whose loops the compiler turns into vector instructions (if every array in a loop has the
 * very same index), and in native memory for OpenBLAS, which alone multiplies. Copying what the other side needs is cheap
 * beside either. Matrices are row by row, without gaps. The native memory is freed after this was collected.
 */
final class SharedNumbers {
    private final float[] values;
    private final FloatPointer memory;

    SharedNumbers(int count) {
        values = new float[count];
        memory = new FloatPointer((long) count);
    }

    /** Java's; native memory sees changes after {@link #push}. */
    float[] values() {
        return values;
    }

    /** To native memory. */
    void push(int count) {
        memory.put(values, 0, count);
    }

    /** From native memory. */
    void pull(int count) {
        memory.get(values, 0, count);
    }

    /** In both memories: {@code columns} x {@code rows} numbers, of Java's {@code rows} x {@code columns} of another. */
    void becomeTransposed(SharedNumbers other, int rows, int columns) {
        for (int column = 0; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                values[column * rows + row] = other.values[row * columns + column];
            }
        }
        push(rows * columns);
    }

    /**
     * In native memory: {@code rows} x {@code columns} numbers from {@code at} on = {@code left}, {@code rows} x {@code depth},
     * times {@code right}, {@code depth} x {@code columns}.
     *
     * @param leftAt where it begins
     */
    void becomeProduct(int at, SharedNumbers left, int leftAt, SharedNumbers right, int rows, int depth, int columns) {
        memory.position(at);
        left.memory.position(leftAt);
        cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasNoTrans,
                rows,
                columns,
                depth,
                1f,
                left.memory,
                depth,
                right.memory,
                columns,
                0f,
                memory,
                columns);
        left.memory.position(0);
        memory.position(0);
    }

    /**
     * In native memory: {@code rows} x {@code columns} numbers grow by the transposed {@code left}, {@code depth} x
     * {@code rows}, times {@code right}, {@code depth} x {@code columns}.
     *
     * @param rightAt where it begins
     * @param first whether they are set rather than grow
     */
    void addTransposedProduct(
            SharedNumbers left, SharedNumbers right, int rightAt, int rows, int depth, int columns, boolean first) {
        right.memory.position(rightAt);
        cblas_sgemm(
                CblasRowMajor,
                CblasTrans,
                CblasNoTrans,
                rows,
                columns,
                depth,
                1f,
                left.memory,
                rows,
                right.memory,
                columns,
                first ? 0f : 1f,
                memory,
                columns);
        right.memory.position(0);
    }
}
