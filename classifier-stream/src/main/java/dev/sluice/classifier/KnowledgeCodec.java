package dev.sluice.classifier;

import dev.sluice.classifier.GivenAnswer.Beside;
import dev.sluice.classifier.Knowledge.KnownPost;
import dev.sluice.classifier.Knowledge.SentExample;
import dev.sluice.classifier.Knowledge.Verdict;
import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a post id, as bytes in this application's own store, which nobody else reads: some 90 bytes and 90 more
 * for each answer. The first byte is the version of the form; what stands in older forms is read too, so that an upgrade forgets
 * nothing.
 */
final class KnowledgeCodec {
    /** Form 1 knew labels and no numbers. */
    private static final byte FORM = 2;

    private KnowledgeCodec() {}

    static byte[] encode(Knowledge known) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORM);
            writeText(out, known.verdict().name());
            writeTruth(out, known.said());
            write(out, known.post(), (to, post) -> {
                writeSource(to, post.source());
                writeTruth(to, post.own());
                to.writeBoolean(post.answered());
            });
            write(out, known.example(), (to, example) -> {
                writeSource(to, example.source());
                writeTruth(to, example.truth());
            });
            out.writeByte(known.answers().size());
            for (GivenAnswer answer : known.answers()) {
                writeAnswer(out, answer);
            }
            write(out, known.forgottenAt(), KnowledgeCodec::writeTime);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // cannot happen in memory
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalStateException if a newer Sluice wrote it, or it is damaged */
    static Knowledge decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte form = in.readByte();
            if (form < 1 || form > FORM) {
                throw new IllegalStateException("a newer Sluice wrote the state of learning (form " + form
                        + "); run that one, or reset the application");
            }
            Verdict verdict = Verdict.valueOf(readText(in));
            Truth said = readTruth(in, form);
            Optional<KnownPost> post =
                    read(in, from -> new KnownPost(readSource(from), readTruth(from, form), from.readBoolean()));
            Optional<SentExample> example = read(
                    in,
                    from -> new SentExample(
                            readSource(from), form == 1 ? Truth.of(readText(from)) : readTruth(from, form)));
            int count = in.readByte();
            List<GivenAnswer> answers = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                answers.add(readAnswer(in, form));
            }
            return new Knowledge(verdict, said, post, example, answers, read(in, KnowledgeCodec::readTime));
        } catch (IOException | IllegalArgumentException e) {
            throw new IllegalStateException("the state of learning is damaged: reset the application", e);
        }
    }

    private static void writeAnswer(DataOutputStream out, GivenAnswer answer) throws IOException {
        writeSource(out, answer.source());
        writeText(out, answer.arm().name());
        write(out, answer.version(), DataOutputStream::writeInt);
        out.writeBoolean(answer.abstained());
        write(out, answer.label(), KnowledgeCodec::writeText);
        out.writeFloat(answer.confidence());
        write(out, answer.value(), DataOutputStream::writeDouble);
        writeTruth(out, answer.own());
        write(out, answer.beside(), (to, beside) -> {
            write(to, beside.version(), DataOutputStream::writeInt);
            write(to, beside.label(), KnowledgeCodec::writeText);
            write(to, beside.value(), DataOutputStream::writeDouble);
        });
        write(out, answer.scoredAt(), KnowledgeCodec::writeTime);
        writeTime(out, answer.answeredAt());
    }

    private static GivenAnswer readAnswer(DataInputStream in, byte form) throws IOException {
        return new GivenAnswer(
                readSource(in),
                Arm.valueOf(readText(in)),
                read(in, DataInputStream::readInt),
                in.readBoolean(),
                read(in, KnowledgeCodec::readText),
                in.readFloat(),
                readNumber(in, form),
                readTruth(in, form),
                read(
                        in,
                        from -> new Beside(
                                read(from, DataInputStream::readInt),
                                read(from, KnowledgeCodec::readText),
                                readNumber(from, form))),
                read(in, KnowledgeCodec::readTime),
                readTime(in));
    }

    private static void writeTruth(DataOutputStream out, Truth truth) throws IOException {
        write(out, truth.label(), KnowledgeCodec::writeText);
        write(out, truth.target(), DataOutputStream::writeDouble);
    }

    private static Truth readTruth(DataInputStream in, byte form) throws IOException {
        return new Truth(read(in, KnowledgeCodec::readText), readNumber(in, form));
    }

    private static Optional<Double> readNumber(DataInputStream in, byte form) throws IOException {
        return form == 1 ? Optional.empty() : read(in, DataInputStream::readDouble);
    }

    private static void writeTime(DataOutputStream out, Instant time) throws IOException {
        out.writeLong(time.toEpochMilli());
    }

    private static Instant readTime(DataInputStream in) throws IOException {
        return Instant.ofEpochMilli(in.readLong());
    }

    private static void writeSource(DataOutputStream out, Source source) throws IOException {
        writeText(out, source.getTopic());
        out.writeInt(source.getPartition());
        out.writeLong(source.getOffset());
    }

    private static Source readSource(DataInputStream in) throws IOException {
        return new Source(readText(in), in.readInt(), in.readLong());
    }

    private static void writeText(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static <T> void write(DataOutputStream out, Optional<T> value, Writer<T> writer) throws IOException {
        out.writeBoolean(value.isPresent());
        if (value.isPresent()) {
            writer.write(out, value.get());
        }
    }

    private static <T> Optional<T> read(DataInputStream in, Reader<T> reader) throws IOException {
        return in.readBoolean() ? Optional.of(reader.read(in)) : Optional.empty();
    }

    private interface Writer<T> {
        void write(DataOutputStream out, T value) throws IOException;
    }

    private interface Reader<T> {
        T read(DataInputStream in) throws IOException;
    }
}
