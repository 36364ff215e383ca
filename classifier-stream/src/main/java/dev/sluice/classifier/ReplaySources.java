package dev.sluice.classifier;

import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.PredictionStatus;
import dev.sluice.schemas.Source;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * The posts whose newest prediction has a certain status, found by taking in the predictions in the order of the topic.
 * Told apart by source, since ids need not be unique. A week may hold a hundred million posts; compressed bitmaps of
 * offsets keep a fraction of a byte for each where sources lie side by side, as they do.
 *
 * <p>Source: Lemire et al., "Roaring bitmaps: implementation of an optimized software library", 2018.
 */
final class ReplaySources {
    private final PredictionStatus wanted;
    private final Map<TopicPartition, Roaring64Bitmap> offsets = new HashMap<>();

    ReplaySources(PredictionStatus wanted) {
        this.wanted = wanted;
    }

    /** The next prediction, whichever arm or replay made it. */
    void add(Prediction prediction) {
        Source source = prediction.getSource();
        Roaring64Bitmap ofPartition = offsets.computeIfAbsent(placeOf(source), place -> new Roaring64Bitmap());
        if (prediction.getStatus() == wanted) {
            ofPartition.addLong(source.getOffset());
        } else {
            ofPartition.removeLong(source.getOffset());
        }
    }

    boolean contains(Source source) {
        Roaring64Bitmap ofPartition = offsets.get(placeOf(source));
        return ofPartition != null && ofPartition.contains(source.getOffset());
    }

    long size() {
        return offsets.values().stream()
                .mapToLong(Roaring64Bitmap::getLongCardinality)
                .sum();
    }

    /** Bytes that the offsets take. */
    long bytes() {
        return offsets.values().stream()
                .mapToLong(Roaring64Bitmap::getLongSizeInBytes)
                .sum();
    }

    private static TopicPartition placeOf(Source source) {
        return new TopicPartition(source.getTopic(), source.getPartition());
    }
}
