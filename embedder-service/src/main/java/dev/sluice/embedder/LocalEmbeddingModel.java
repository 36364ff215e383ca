package dev.sluice.embedder;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OrtException;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.ModelVersions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A {@link LocalModel} in this process: ONNX Runtime on the model file inside a Maven jar, so it needs neither key nor
 * network.
 *
 * <p>A quantised model scales its numbers by what else is in the batch, so the same text gets another vector in other
 * company (cosine down to 0.994). Texts are therefore run one at a time, and cores are kept busy by several texts at once
 * on one session with one thread each, which is also half as quick again as one text on two threads.
 */
final class LocalEmbeddingModel implements EmbeddingModel {
    private final EmbeddingSpace space;
    private final HuggingFaceTokenizer tokenizer;
    private final LocalNetwork network;
    private final ExecutorService workers;

    private LocalEmbeddingModel(
            EmbeddingSpace space, HuggingFaceTokenizer tokenizer, LocalNetwork network, ExecutorService workers) {
        this.space = space;
        this.tokenizer = tokenizer;
        this.network = network;
        this.workers = workers;
    }

    /**
     * @param local which
     * @param threads texts embedded at the same time, 1 or more
     * @param maxTokens of a text, 8 to 512, with the two that mark its ends
     * @param textRecipe named in the space
     */
    static LocalEmbeddingModel open(LocalModel local, int threads, int maxTokens, String textRecipe) {
        byte[] model = resource(local, local.modelFile());
        EmbeddingSpace space = EmbeddingSpace.newBuilder()
                .setProvider(EmbedderConfig.LOCAL)
                .setModel(local.model())
                .setModelSha256(ModelVersions.sha256(model))
                .setDimensions(LocalModel.DIMENSIONS)
                .setPooling(local.pooling().name())
                .setNormalisation("L2")
                .setMaxTokens(maxTokens)
                .setTextRecipe(textRecipe)
                .build();
        HuggingFaceTokenizer tokenizer = tokenizer(local, maxTokens);
        try {
            return new LocalEmbeddingModel(
                    space,
                    tokenizer,
                    LocalNetwork.open(model, LocalModel.DIMENSIONS, maxTokens, local.pooling()),
                    workers(threads));
        } catch (OrtException e) {
            tokenizer.close();
            throw new IllegalStateException("ONNX Runtime does not take the model file " + local.modelFile(), e);
        }
    }

    private static byte[] resource(LocalModel local, String name) {
        try (InputStream in = LocalEmbeddingModel.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(
                        "the model file " + name + " is not on the class path;" + " it is in " + local.jar());
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HuggingFaceTokenizer tokenizer(LocalModel local, int maxTokens) {
        // Else the library asks for a native part by network when it thinks that there is a GPU.
        System.setProperty("ai.djl.offline", "true");
        try (InputStream in = new ByteArrayInputStream(resource(local, local.tokenizerFile()))) {
            return HuggingFaceTokenizer.newInstance(
                    in, Map.of("padding", "false", "truncation", "true", "maxLength", Integer.toString(maxTokens)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ExecutorService workers(int threads) {
        return Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "sluice-embedding");
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public EmbeddingSpace space() {
        return space;
    }

    /**
     * All texts are tokenised before the network runs: its weights push the tokenizer out of the processor's caches, so that
     * one text after the other would take twice the time for that.
     */
    @Override
    public List<float[]> embed(List<String> texts) throws InterruptedException {
        List<long[]> tokens = ofEach(texts, text -> tokenizer.encode(text).getIds());
        return ofEach(tokens, ids -> Normalisation.l2(network.vectorOf(ids)));
    }

    private interface Step<A, B> {
        B of(A input) throws OrtException;
    }

    private <A, B> List<B> ofEach(List<A> inputs, Step<A, B> step) throws InterruptedException {
        List<Callable<B>> tasks = new ArrayList<>(inputs.size());
        inputs.forEach(input -> tasks.add(() -> step.of(input)));
        List<B> outputs = new ArrayList<>(inputs.size());
        for (Future<B> output : workers.invokeAll(tasks)) { // on an interrupt it cancels what has not begun
            try {
                outputs.add(output.get());
            } catch (ExecutionException e) {
                throw new IllegalStateException(
                        "the local model failed: " + e.getCause().getMessage(), e.getCause());
            }
        }
        return outputs;
    }

    /** A session must not be closed under a running call, so one that does not end is left to the end of the process. */
    @Override
    public void close() {
        workers.shutdownNow();
        try {
            if (workers.awaitTermination(500, TimeUnit.MILLISECONDS)) {
                network.close();
                tokenizer.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not let go of the model", e);
        }
    }
}
