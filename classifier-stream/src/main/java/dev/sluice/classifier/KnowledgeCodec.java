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
 * for each answer. The first byte is the version of the form, so that a later one can tell.
 */
final class KnowledgeCodec {
    private static final byte FORM = 1;

    private KnowledgeCodec() {}

    static byte[] encode(Knowledge known) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORM);
            writeText(out, known.verdict().name());
            write(out, known.said(), KnowledgeCodec::writeText);
            write(out, known.post(), (to, post) -> {
                writeSource(to, post.source());
                write(to, post.label(), KnowledgeCodec::writeText);
                to.writeBoolean(post.answered());
            });
            write(out, known.example(), (to, example) -> {
                writeSource(to, example.source());
                writeText(to, example.label());
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

    /** @throws IllegalStateException if a newer Sluice wrote it */
    static Knowledge decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte form = in.readByte();
            if (form != FORM) {
                throw new IllegalStateException("a newer Sluice wrote the state of learning (form " + form
                        + "); run that one, or reset the application");
            }
            Verdict verdict = Verdict.valueOf(readText(in));
            Optional<String> said = read(in, KnowledgeCodec::readText);
            Optional<KnownPost> post = read(
                    in,
                    from -> new KnownPost(readSource(from), read(from, KnowledgeCodec::readText), from.readBoolean()));
            Optional<SentExample> example = read(in, from -> new SentExample(readSource(from), readText(from)));
            int count = in.readByte();
            List<GivenAnswer> answers = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                answers.add(readAnswer(in));
            }
            return new Knowledge(verdict, said, post, example, answers, read(in, KnowledgeCodec::readTime));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeAnswer(DataOutputStream out, GivenAnswer answer) throws IOException {
        writeSource(out, answer.source());
        writeText(out, answer.arm().name());
        write(out, answer.version(), DataOutputStream::writeInt);
        out.writeBoolean(answer.abstained());
        write(out, answer.label(), KnowledgeCodec::writeText);
        out.writeFloat(answer.confidence());
        write(out, answer.postLabel(), KnowledgeCodec::writeText);
        write(out, answer.beside(), (to, beside) -> {
            write(to, beside.version(), DataOutputStream::writeInt);
            write(to, beside.label(), KnowledgeCodec::writeText);
        });
        write(out, answer.scoredAt(), KnowledgeCodec::writeTime);
        writeTime(out, answer.answeredAt());
    }

    private static GivenAnswer readAnswer(DataInputStream in) throws IOException {
        return new GivenAnswer(
                readSource(in),
                Arm.valueOf(readText(in)),
                read(in, DataInputStream::readInt),
                in.readBoolean(),
                read(in, KnowledgeCodec::readText),
                in.readFloat(),
                read(in, KnowledgeCodec::readText),
                read(
                        in,
                        from -> new Beside(read(from, DataInputStream::readInt), read(from, KnowledgeCodec::readText))),
                read(in, KnowledgeCodec::readTime),
                readTime(in));
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
