package dev.sluice.models;

import dev.sluice.fuzz.Fuzz;
import dev.sluice.fuzz.SampleModels;
import dev.sluice.schemas.InvalidModelException;
import dev.sluice.schemas.Predictor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Files of models, which come from anywhere: the container, and what it makes of a version. */
class FilesFuzzTest {
    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00Z");

    private static final String[] HEADER = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"dtype\":\"F32\"",
        "\"dtype\":\"I64\"",
        "\"shape\":[",
        "\"data_offsets\":[",
        "__metadata__",
        "layers.0.weights",
        "layers.1.biases",
        "self_test.inputs",
        "self_test.word_hashes",
        "wide.hashes",
        "sluice",
        "0",
        "1",
        "-1",
        "2147483647",
        "2147483648",
        "4294967296",
        "9223372036854775807",
        "1.0",
        "1e9",
        "null",
        "[[[[[[[[",
        "{\"a\":{\"a\":",
        " ",
        "\\\"labels\\\":",
        "\\\"space\\\":",
        "\\\"network\\\":null",
        "\\\"training\\\":{",
        "\\\"inputs\\\":[",
        "\\\"wide\\\":{"
    };

    @Test
    void shouldReadTheArraysOrSayWhyNotWhenTheFileIsOdd() {
        Fuzz.of("safetensors", file -> SafeTensors.of(SafeTensors.of(file).toBytes()), InvalidPresetException.class)
                .from(SampleModels.all().stream().map(ModelFile::toBytes).toList())
                .words(HEADER)
                .alsoBy(FilesFuzzTest::withOddHeader)
                .run();
    }

    @Test
    void shouldMakeAVersionThatAnswersOrSayWhyNotWhenTheFileIsOdd() {
        Fuzz.of(
                        "files of models",
                        file -> Predictor.ofUnsealed(ModelFile.of(file, NOW)).labels(),
                        InvalidPresetException.class,
                        InvalidModelException.class)
                .from(SampleModels.all().stream().map(ModelFile::toBytes).toList())
                .words(HEADER)
                .alsoBy(FilesFuzzTest::withOddHeader)
                .run();
    }

    /** The header changed and its length set right, so that what comes behind the length is met. */
    private static byte[] withOddHeader(byte[] file, SplittableRandom random) {
        int end = Long.BYTES
                + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        byte[] header = Fuzz.changed(Arrays.copyOfRange(file, Long.BYTES, end), HEADER, random);
        return ByteBuffer.allocate(Long.BYTES + header.length + file.length - end)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .put(file, end, file.length - end)
                .array();
    }
}
