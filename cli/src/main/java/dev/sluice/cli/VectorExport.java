package dev.sluice.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.Post;
import dev.sluice.schemas.Vectors;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the vectors and texts that each round learned from and was judged by, a JSON line each, for other programs to compare with. */
final class VectorExport implements AutoCloseable {
    private final Path file;
    private final BufferedWriter out;
    private final JsonGenerator json;

    private VectorExport(Path file, BufferedWriter out, JsonGenerator json) {
        this.file = file;
        this.out = out;
        this.json = json;
    }

    /** @throws CommandException if the file cannot be written */
    static VectorExport to(Path file) {
        try {
            BufferedWriter out = Files.newBufferedWriter(file);
            JsonGenerator json = new JsonMapper().createGenerator(out).setRootValueSeparator(null);
            return new VectorExport(file, out, json);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    void write(Draws.Round round, List<EmbeddedPost> vectors) {
        try {
            for (EmbeddedPost vector : vectors) {
                json.writeStartObject();
                json.writeNumberField("seed", round.seed());
                if (round.fold().isPresent()) {
                    json.writeNumberField("fold", round.fold().get());
                }
                json.writeStringField("id", vector.getPost().getId().orElseThrow());
                json.writeStringField("split", DataSet.splitOf(vector.getPost()).toString());
                writeTruth(vector.getPost());
                json.writeStringField("text", vector.getText());
                json.writeArrayFieldStart("embedding");
                for (float x : Vectors.fromBytes(vector.getEmbedding())) {
                    json.writeNumber(x);
                }
                json.writeEndArray();
                json.writeEndObject();
                json.writeRaw('\n');
            }
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private void writeTruth(Post post) throws IOException {
        if (post.getLabel().isPresent()) {
            json.writeStringField("label", post.getLabel().get());
        } else {
            json.writeNumberField("target", post.getTarget().orElseThrow());
        }
    }

    @Override
    public void close() {
        try (out) {
            json.close();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static CommandException failed(Path file, IOException e) {
        return new CommandException(
                "cannot write " + file + " (" + e + "): check the path, or choose another with --export", e);
    }
}
