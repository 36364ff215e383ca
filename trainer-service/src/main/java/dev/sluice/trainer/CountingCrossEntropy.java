package dev.sluice.trainer;

import dev.sluice.schemas.Predictor;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/**
 * Sparse categorical cross-entropy that also counts the right answers of the pass it is computed in: the accuracy that
 * Keras prints for an epoch, without a second forward pass. One a network; not thread-safe.
 */
final class CountingCrossEntropy extends LossSparseMCXENT {
    private static final long serialVersionUID = 1L;

    private long right;

    @Override
    public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        float[][] sums = preOutput.toFloatMatrix();
        for (int i = 0; i < sums.length; i++) {
            if (Predictor.argMax(sums[i]) == labels.getInt(i, 0)) { // softmax keeps the order of the sums
                right++;
            }
        }
        return super.computeGradient(labels, preOutput, activation, mask);
    }

    /** Right answers since the last call. */
    long takeRight() {
        long taken = right;
        right = 0;
        return taken;
    }
}
