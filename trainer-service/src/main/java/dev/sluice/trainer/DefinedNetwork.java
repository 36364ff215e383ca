package dev.sluice.trainer;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Task;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * The network as DL4J has it: what it is made of, its first weights (Glorot's uniform, zero biases: Keras' defaults) and its
 * own answers. {@link TrainableNetwork} steps it without DL4J, several times as fast; tests hold the two together. DL4J's
 * own file format, which can carry Java objects, is never read or written.
 */
final class DefinedNetwork {
    /** Where Keras cuts a probability off before the logarithm. */
    private static final double CUT_OFF = 1e-7;

    private final MultiLayerNetwork network;
    private final int inputs;
    private final Activation last;

    DefinedNetwork(NetworkPlan plan) {
        stayOnOneThread();
        inputs = plan.inputs(0);
        last = plan.activation(plan.layers() - 1);
        network = new MultiLayerNetwork(configuration(plan));
        network.init();
    }

    /** Without the optimizer and what it minimises beside the loss, which are not DL4J's here. */
    static MultiLayerConfiguration configuration(NetworkPlan plan) {
        return layers(plan, new NeuralNetConfiguration.Builder()).build();
    }

    /** @param settings of every layer; those that decide what the network is are set here */
    static NeuralNetConfiguration.ListBuilder layers(NetworkPlan plan, NeuralNetConfiguration.Builder settings) {
        NeuralNetConfiguration.ListBuilder layers = settings.seed(plan.seed())
                .weightInit(WeightInit.XAVIER_UNIFORM)
                .biasInit(0)
                .list();
        int last = plan.layers() - 1;
        for (int layer = 0; layer < last; layer++) {
            layers.layer(new DenseLayer.Builder()
                    .nIn(plan.inputs(layer))
                    .nOut(plan.outputs(layer))
                    .activation(dl4j(plan.activation(layer)))
                    .build());
        }
        return layers.layer(new OutputLayer.Builder(loss(plan.task()))
                .nIn(plan.inputs(last))
                .nOut(plan.outputs(last))
                .activation(dl4j(plan.activation(last)))
                .build());
    }

    private static org.nd4j.linalg.activations.Activation dl4j(Activation activation) {
        return org.nd4j.linalg.activations.Activation.valueOf(activation.name());
    }

    private static ILossFunction loss(Task task) {
        return switch (task) {
            case BINARY -> new LossBinaryXENT(CUT_OFF);
            case REGRESSION -> new LossMSE();
            default -> new LossSparseMCXENT();
        };
    }

    /**
     * A step takes some milliseconds at most: its threads spend longer waiting for each other than they save, and spin
     * meanwhile, so that the other services of this machine suffer as well.
     */
    private static void stayOnOneThread() {
        Nd4j.factory().blas().setMaxThreads(1);
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    }

    /** A copy of all: layer by layer the weights, row by row of [output][input], then the biases. */
    float[] weights() {
        return network.params().dup('c').data().asFloat();
    }

    void assign(float[] weights) {
        network.params().assign(Nd4j.create(weights, new long[] {1, weights.length}, 'c'));
    }

    /**
     * @param temperature what the last layer's sums are divided by first; 1 changes nothing
     * @return after the last activation: [vector][output]
     */
    float[][] outputs(float[][] vectors, double temperature) {
        return dl4j(last)
                .getActivationFunction()
                .getActivation(sums(vectors).divi(temperature), false)
                .toFloatMatrix();
    }

    private INDArray sums(float[][] vectors) {
        int lastLayer = network.getnLayers() - 1;
        INDArray input = matrix(vectors);
        INDArray read = lastLayer == 0
                ? input
                : network.feedForwardToLayer(lastLayer - 1, input, false).get(lastLayer);
        return read.mmul(network.getLayer(lastLayer).getParam(DefaultParamInitializer.WEIGHT_KEY))
                .addiRowVector(network.getLayer(lastLayer).getParam(DefaultParamInitializer.BIAS_KEY));
    }

    private INDArray matrix(float[][] vectors) {
        float[] flat = new float[vectors.length * inputs];
        for (int i = 0; i < vectors.length; i++) {
            System.arraycopy(vectors[i], 0, flat, i * inputs, inputs);
        }
        return Nd4j.create(flat, new long[] {vectors.length, inputs}, 'c');
    }
}
