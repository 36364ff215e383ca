package dev.sluice.trainer;

/** An example's vector, wherever it lies: in an array, or in an {@link ExampleFile}. */
interface Row {
    /** Numbers of the vector. */
    int length();

    /**
     * The numbers, without an array being made for them.
     *
     * @param scratch as long as the vector; may be written to
     * @return the scratch, or the array that they lie in; not to be changed, and good until the scratch is used again
     */
    float[] read(float[] scratch);

    /** The numbers; not to be changed. */
    default float[] read() {
        return read(new float[length()]);
    }

    /** @param vector not to be changed from now on */
    static Row of(float[] vector) {
        return new Row() {
            @Override
            public int length() {
                return vector.length;
            }

            @Override
            public float[] read(float[] scratch) {
                return vector;
            }

            @Override
            public float[] read() {
                return vector;
            }
        };
    }
}
