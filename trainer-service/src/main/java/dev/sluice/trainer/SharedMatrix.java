package dev.sluice.trainer;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;

/**
 * Rows of numbers twice: in an array of Java's, whose loops the compiler turns into vector instructions, and in native memory
 * for OpenBLAS, which alone multiplies. Copying what the other side needs is cheap beside either. What it allocates is freed
 * when it is collected.
 */
final class SharedMatrix {
    private final int columns;
    private final float[] values;
    private final FloatPointer memory;

    SharedMatrix(int rows, int columns) {
        this(rows, columns, true);
    }

    /** @param readable whether Java sees its numbers too; else it is filled from other arrays */
    SharedMatrix(int rows, int columns, boolean readable) {
        this.columns = columns;
        int size = Math.multiplyExact(rows, columns);
        values = new float[readable ? size : 0];
        memory = new FloatPointer((long) size);
    }

    int columns() {
        return columns;
    }

    /** Row by row; native memory sees changes after {@link #push}. */
    float[] values() {
        return values;
    }

    boolean holds(int rows) {
        return rows * columns <= values.length;
    }

    /** To native memory. */
    void push(int rows) {
        memory.put(values, 0, rows * columns);
    }

    /** From native memory. */
    void pull(int rows) {
        memory.get(values, 0, rows * columns);
    }

    /** To native memory, from another array: its numbers become the rows from this one on. */
    void push(int row, float[] from, int offset, int rows) {
        memory.position((long) row * columns).put(from, offset, rows * columns);
        memory.position(0);
    }

    /** In native memory, the first rows = those of {@code left} x the transposed {@code right}. */
    void multiplyByTransposed(SharedMatrix left, SharedMatrix right, int rows) {
        cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasTrans,
                rows,
                columns,
                left.columns,
                1f,
                left.memory,
                left.columns,
                right.memory,
                right.columns,
                0f,
                memory,
                columns);
    }

    /** In native memory, the first rows = those of {@code left} x {@code right}. */
    void multiply(SharedMatrix left, SharedMatrix right, int rows) {
        cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasNoTrans,
                rows,
                columns,
                left.columns,
                1f,
                left.memory,
                left.columns,
                right.memory,
                right.columns,
                0f,
                memory,
                columns);
    }

    /** In native memory, all rows = some columns of {@code left}, transposed, x {@code right}; of both the first rows. */
    void multiplyTransposed(SharedMatrix left, int fromColumn, int columnsOfLeft, SharedMatrix right, int rows) {
        left.memory.position(fromColumn);
        cblas_sgemm(
                CblasRowMajor,
                CblasTrans,
                CblasNoTrans,
                columnsOfLeft,
                columns,
                rows,
                1f,
                left.memory,
                left.columns,
                right.memory,
                right.columns,
                0f,
                memory,
                columns);
        left.memory.position(0);
    }
}
