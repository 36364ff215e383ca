package dev.sluice.trainer;

import dev.sluice.schemas.Activation;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Vectors;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * DL4J behind arrays of Java: dense layers with ReLU, softmax at the end, Adam, and Keras' defaults (Glorot's uniform
 * weights, zero biases, epsilon 1e-7). It never reads or writes DL4J's own file format, which can carry Java objects.
 * The same seed, batches and machine give the same bits. To be used by one thread.
 */
final class TrainableNetwork {
    private static final double FIRST_MOMENT = 0.9;
    private static final double SECOND_MOMENT = 0.999;
    private static final double EPSILON = 1e-7;

    private final CountingCrossEntropy loss = new CountingCrossEntropy();
    private final MultiLayerNetwork network;
    private final int inputs;

    /** @param widths of the input, each hidden layer and the labels: two or more */
    TrainableNetwork(List<Integer> widths, double learningRate, long seed) {
        stayOnOneThread();
        inputs = widths.get(0);
        NeuralNetConfiguration.ListBuilder layers = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .updater(new Adam(learningRate, FIRST_MOMENT, SECOND_MOMENT, EPSILON))
                .weightInit(WeightInit.XAVIER_UNIFORM)
                .biasInit(0)
                .list();
        int last = widths.size() - 1;
        for (int i = 1; i < last; i++) {
            layers.layer(new org.deeplearning4j.nn.conf.layers.DenseLayer.Builder()
                    .nIn(widths.get(i - 1))
                    .nOut(widths.get(i))
                    .activation(org.nd4j.linalg.activations.Activation.RELU)
                    .build());
        }
        layers.layer(new OutputLayer.Builder(loss)
                .nIn(widths.get(last - 1))
                .nOut(widths.get(last))
                .activation(org.nd4j.linalg.activations.Activation.SOFTMAX)
                .build());
        network = new MultiLayerNetwork(layers.build());
        network.init();
    }

    /**
     * A step takes some milliseconds at most: its threads spend longer waiting for each other than they save, and spin
     * meanwhile, so that the other services of this machine suffer as well. Twice as fast on two cores with one.
     */
    private static void stayOnOneThread() {
        Nd4j.factory().blas().setMaxThreads(1);
        NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    }

    /** What a step found before it changed the weights: the batch's mean loss, and how many it answered right. */
    record Step(double loss, long right) {}

    /**
     * One step of Adam.
     *
     * @param vectors of one length
     * @param labels an index a vector
     */
    Step fit(float[][] vectors, int[] labels) {
        float[] truths = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            truths[i] = labels[i];
        }
        network.fit(matrix(vectors), Nd4j.create(truths, new long[] {labels.length, 1}, 'c'));
        return new Step(network.score(), loss.takeRight());
    }

    /** @return [vector][label], each row adding up to 1 */
    float[][] probabilities(float[][] vectors) {
        return network.output(matrix(vectors), false).toFloatMatrix();
    }

    /**
     * @param temperature what the last layer's sums are divided by first; 1 changes nothing
     * @return [vector][label], each row adding up to 1
     */
    float[][] probabilities(float[][] vectors, double temperature) {
        INDArray sums = lastSums(vectors).divi(temperature);
        return new ActivationSoftmax().getActivation(sums, false).toFloatMatrix();
    }

    /** What the last layer gives before its softmax: [vector][label]. */
    float[][] sums(float[][] vectors) {
        return lastSums(vectors).toFloatMatrix();
    }

    private INDArray lastSums(float[][] vectors) {
        int last = network.getnLayers() - 1;
        INDArray input = matrix(vectors);
        INDArray read = last == 0
                ? input
                : network.feedForwardToLayer(last - 1, input, false).get(last);
        return read.mmul(network.getLayer(last).getParam(DefaultParamInitializer.WEIGHT_KEY))
                .addiRowVector(network.getLayer(last).getParam(DefaultParamInitializer.BIAS_KEY));
    }

    private INDArray matrix(float[][] vectors) {
        float[] flat = new float[vectors.length * inputs];
        for (int i = 0; i < vectors.length; i++) {
            System.arraycopy(vectors[i], 0, flat, i * inputs, inputs);
        }
        return Nd4j.create(flat, new long[] {vectors.length, inputs}, 'c');
    }

    /** A copy of all weights and biases, for {@link #restore}. */
    float[] weights() {
        return network.params().dup('c').data().asFloat();
    }

    void restore(float[] weights) {
        network.params().assign(Nd4j.create(weights, new long[] {1, weights.length}, 'c'));
    }

    /** The network as a version carries it. */
    DenseNetwork asRecord() {
        List<DenseLayer> layers = new ArrayList<>();
        int last = network.getnLayers() - 1;
        for (int i = 0; i <= last; i++) {
            INDArray weights = network.getLayer(i).getParam(DefaultParamInitializer.WEIGHT_KEY);
            INDArray biases = network.getLayer(i).getParam(DefaultParamInitializer.BIAS_KEY);
            layers.add(new DenseLayer(
                    (int) weights.size(0),
                    (int) weights.size(1),
                    i == last ? Activation.SOFTMAX : Activation.RELU,
                    // DL4J keeps them [input][output]: by columns, that is row by row of [output][input].
                    Vectors.toBytes(weights.dup('f').data().asFloat()),
                    Vectors.toBytes(biases.dup('c').data().asFloat())));
        }
        return new DenseNetwork(layers);
    }
}
