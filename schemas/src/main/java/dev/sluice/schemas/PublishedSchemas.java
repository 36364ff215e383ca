package dev.sluice.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/**
 * Every schema that was ever published for a record, oldest first: what a reader needs to read records written by older
 * services. A published file is never changed; a change of a record adds the next number
 * ({@code published/Post.1.avsc}, {@code Post.2.avsc}, ...).
 */
final class PublishedSchemas {
    private PublishedSchemas() {}

    static List<Schema> of(Schema current) {
        List<Schema> published = new ArrayList<>();
        for (int number = 1; ; number++) {
            String file = "published/" + current.getName() + "." + number + ".avsc";
            try (InputStream in = PublishedSchemas.class.getResourceAsStream(file)) {
                if (in == null) {
                    return published;
                }
                published.add(new Schema.Parser().parse(in));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the schema " + file, e);
            }
        }
    }
}
