package dev.sluice.embedder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/**
 * The network of a BERT model: token ids in, the text's vector out, which is that of the first token (CLS pooling) or the mean of all (MEAN). Any number of threads may call,
 * each gets a core. A thread uses the same memory for every text: what ONNX Runtime's Java side would else allocate and copy,
 * a vector for each token where one is wanted, costs a hundredth of a short text's time.
 */
final class LocalNetwork implements AutoCloseable {
    private final OrtSession session;
    private final int dimensions;
    private final LocalModel.Pooling pooling;
    private final ThreadLocal<Memory> memory;

    private LocalNetwork(OrtSession session, int dimensions, int maxTokens, LocalModel.Pooling pooling) {
        this.session = session;
        this.dimensions = dimensions;
        this.pooling = pooling;
        this.memory = ThreadLocal.withInitial(() -> Memory.of(maxTokens, dimensions));
    }

    /**
     * @param model an ONNX file's bytes
     * @param maxTokens of a text
     */
    static LocalNetwork open(byte[] model, int dimensions, int maxTokens, LocalModel.Pooling pooling)
            throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0"); // cores are shared with Kafka's threads
            return new LocalNetwork(
                    OrtEnvironment.getEnvironment().createSession(model, options), dimensions, maxTokens, pooling);
        }
    }

    /** @param ids with the two that mark the ends; 1 up to the most tokens of a text */
    float[] vectorOf(long[] ids) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Memory own = memory.get();
        long[] shape = {1, ids.length};
        own.ids().put(0, ids);
        try (OnnxTensor tokens = OnnxTensor.createTensor(environment, own.ids().slice(0, ids.length), shape);
                OnnxTensor attention =
                        OnnxTensor.createTensor(environment, own.ones().slice(0, ids.length), shape);
                OnnxTensor types =
                        OnnxTensor.createTensor(environment, own.zeros().slice(0, ids.length), shape);
                OnnxTensor states = OnnxTensor.createTensor(
                        environment,
                        own.states().slice(0, ids.length * dimensions),
                        new long[] {1, ids.length, dimensions})) {
            session.run(
                            Map.of("input_ids", tokens, "attention_mask", attention, "token_type_ids", types),
                            Map.of("last_hidden_state", states))
                    .close();
            return pooled(own.states(), ids.length);
        }
    }

    private float[] pooled(FloatBuffer states, int tokens) {
        float[] vector = new float[dimensions];
        states.get(0, vector);
        if (pooling == LocalModel.Pooling.MEAN) { // also of the two that mark the ends, as the model was trained
            for (int token = 1; token < tokens; token++) {
                for (int i = 0; i < dimensions; i++) {
                    vector[i] += states.get(token * dimensions + i);
                }
            }
            for (int i = 0; i < dimensions; i++) {
                vector[i] /= tokens;
            }
        }
        return vector;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }

    /** Outside the heap, where ONNX Runtime works on it as it is. */
    private record Memory(LongBuffer ids, LongBuffer ones, LongBuffer zeros, FloatBuffer states) {
        static Memory of(int tokens, int dimensions) {
            LongBuffer ones = bytes(tokens * Long.BYTES).asLongBuffer();
            for (int i = 0; i < tokens; i++) {
                ones.put(i, 1);
            }
            return new Memory(
                    bytes(tokens * Long.BYTES).asLongBuffer(),
                    ones,
                    bytes(tokens * Long.BYTES).asLongBuffer(),
                    bytes(tokens * dimensions * Float.BYTES).asFloatBuffer());
        }

        private static ByteBuffer bytes(int count) {
            return ByteBuffer.allocateDirect(count).order(ByteOrder.nativeOrder());
        }
    }
}
