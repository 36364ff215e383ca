package dev.sluice.schemas;

/**
 * One dense layer, ready to run: activation(weights x input + biases). Four rows of weights go by in one pass, so that the
 * input is read once for four sums and the processor has four independent chains of additions; the cost is then the
 * reading of the weights, once each.
 */
final class Dense {
    private static final int ROWS = 4;

    private final int inputs;
    private final int outputs;
    private final float[] weights;
    private final float[] biases;
    private final Activation activation;
    private final float temperature;

    /**
     * @param weights row-major [output][input]
     * @param temperature what the sums are divided by before the activation; 1 changes nothing
     */
    Dense(int inputs, int outputs, float[] weights, float[] biases, Activation activation, float temperature) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.weights = weights;
        this.biases = biases;
        this.activation = activation;
        this.temperature = temperature;
    }

    int inputs() {
        return inputs;
    }

    float[] apply(float[] in) {
        float[] sums = sums(in);
        if (temperature != 1f) {
            for (int i = 0; i < outputs; i++) {
                sums[i] /= temperature;
            }
        }
        return activate(sums);
    }

    private float[] sums(float[] in) {
        float[] out = new float[outputs];
        int row = 0;
        for (; row + ROWS <= outputs; row += ROWS) {
            int a = row * inputs;
            int b = a + inputs;
            int c = b + inputs;
            int d = c + inputs;
            float sumA = biases[row];
            float sumB = biases[row + 1];
            float sumC = biases[row + 2];
            float sumD = biases[row + 3];
            for (int i = 0; i < inputs; i++) {
                float x = in[i];
                sumA += weights[a + i] * x;
                sumB += weights[b + i] * x;
                sumC += weights[c + i] * x;
                sumD += weights[d + i] * x;
            }
            out[row] = sumA;
            out[row + 1] = sumB;
            out[row + 2] = sumC;
            out[row + 3] = sumD;
        }
        for (; row < outputs; row++) {
            float sum = biases[row];
            for (int i = 0; i < inputs; i++) {
                sum += weights[row * inputs + i] * in[i];
            }
            out[row] = sum;
        }
        return out;
    }

    private float[] activate(float[] sums) {
        if (activation == Activation.SOFTMAX) {
            return softmax(sums);
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] = switch (activation) {
                case RELU -> Math.max(0f, sums[i]);
                case SIGMOID -> (float) (1 / (1 + Math.exp(-sums[i])));
                case TANH -> (float) Math.tanh(sums[i]);
                default -> sums[i];
            };
        }
        return sums;
    }

    /** Less the largest sum first: no exponential overflows, and the result is the same. */
    private static float[] softmax(float[] sums) {
        float largest = sums[Predictor.argMax(sums)];
        double total = 0;
        double[] powers = new double[sums.length];
        for (int i = 0; i < sums.length; i++) {
            powers[i] = Math.exp(sums[i] - largest);
            total += powers[i];
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (float) (powers[i] / total);
        }
        return sums;
    }
}
