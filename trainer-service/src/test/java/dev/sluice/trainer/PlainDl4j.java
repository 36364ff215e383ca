package dev.sluice.trainer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** A network fitted by DL4J itself, the same in all that a plan says: what the fast path has to equal. */
final class PlainDl4j {
    private final MultiLayerNetwork network;

    /** @param plan without what DL4J does not have or does otherwise: dropout, decoupled decay, Keras' momentum */
    PlainDl4j(NetworkPlan plan) {
        NeuralNetConfiguration.Builder settings = new NeuralNetConfiguration.Builder()
                .updater(updater(plan.optimizer()))
                // DL4J counts half the sum of squares, Keras all of it.
                .l2(2 * plan.l2());
        network = new MultiLayerNetwork(DefinedNetwork.layers(plan, settings).build());
        network.init();
    }

    private static IUpdater updater(Optimizer optimizer) {
        return optimizer instanceof Optimizer.Sgd sgd
                ? new Sgd(sgd.learningRate())
                : new Adam(
                        optimizer.learningRate(), Optimizer.FIRST_MOMENT, Optimizer.SECOND_MOMENT, Optimizer.EPSILON);
    }

    /** @return the loss before the step, with what L2 adds */
    double fit(float[][] vectors, float[] truths) {
        network.fit(Nd4j.create(vectors), column(truths));
        return network.score();
    }

    private static INDArray column(float[] values) {
        return Nd4j.create(values, new long[] {values.length, 1}, 'c');
    }

    float[][] outputs(float[][] vectors) {
        return network.output(Nd4j.create(vectors), false).toFloatMatrix();
    }

    float[] weights() {
        return network.params().dup('c').data().asFloat();
    }
}
