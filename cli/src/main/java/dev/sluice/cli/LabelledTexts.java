package dev.sluice.cli;

import dev.sluice.schemas.AlternativeEmbedding;
import dev.sluice.schemas.EmbeddedPost;
import dev.sluice.schemas.EmbeddingSpace;
import dev.sluice.schemas.EmbeddingSpaces;
import dev.sluice.schemas.ModelVersions;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which labelled texts have a vector in which embedding space: what lies on {@code labeled-vectors} and
 * {@code reembedded-vectors}, folded as the trainer folds it. Of each text a hash is held, and no vector.
 */
final class LabelledTexts {
    private final Map<String, Text> labelled = new HashMap<>();
    private final Map<String, Text> reembedded = new HashMap<>();
    private final Map<String, EmbeddingSpace> spaces = new TreeMap<>();

    private record Text(String hash, Set<String> spaces) {
        boolean isThere(String space, Optional<Text> again) {
            return spaces.contains(space)
                    || again.filter(it -> it.hash().equals(hash) && it.spaces().contains(space))
                            .isPresent();
        }
    }

    /** Reads all that has come, and lets each record go at once: vectors of all of them might be too much for the memory. */
    void follow(TopicReader<EmbeddedPost> labelledVectors, TopicReader<EmbeddedPost> reembeddedVectors) {
        labelledVectors.readToEnd(this::addLabelled);
        reembeddedVectors.readToEnd(this::addReembedded);
    }

    private void addLabelled(TopicReader.Read<EmbeddedPost> read) {
        add(labelled, read, read.value().filter(post -> post.getPost()
                .getLabel()
                .isPresent()));
    }

    private void addReembedded(TopicReader.Read<EmbeddedPost> read) {
        add(reembedded, read, read.value());
    }

    private void add(Map<String, Text> texts, TopicReader.Read<EmbeddedPost> read, Optional<EmbeddedPost> post) {
        if (read.key().isEmpty() || read.problem().isPresent()) {
            return;
        }
        post.ifPresentOrElse(
                it -> texts.put(
                        read.key().get(),
                        new Text(
                                ModelVersions.sha256(it.getText().getBytes(StandardCharsets.UTF_8)),
                                spacesOf(it).map(this::idOf).collect(Collectors.toSet()))),
                () -> texts.remove(read.key().get()));
    }

    static Stream<EmbeddingSpace> spacesOf(EmbeddedPost post) {
        return Stream.concat(
                Stream.of(post.getSpace()), post.getAlternatives().stream().map(AlternativeEmbedding::getSpace));
    }

    private String idOf(EmbeddingSpace space) {
        String id = EmbeddingSpaces.idOf(space).intern(); // few are distinct, and one stands beside every text
        spaces.putIfAbsent(id, space);
        return id;
    }

    /** One more space that vectors are made in. */
    void know(EmbeddingSpace space) {
        String unused = idOf(space);
    }

    /**
     * The space that somebody means, if there is a vector in it.
     *
     * @param name canonical id, or the name of a model
     * @throws CommandException if several spaces are of the model
     */
    Optional<EmbeddingSpace> spaceNamed(String name) {
        if (spaces.containsKey(name)) {
            return Optional.of(spaces.get(name));
        }
        List<String> meant = spaces.entrySet().stream()
                .filter(space -> space.getValue().getModel().equals(name))
                .map(Map.Entry::getKey)
                .toList();
        if (meant.size() > 1) {
            throw new CommandException("several embedding spaces are of the model " + name + ": say which with --to '"
                    + String.join("' or '", meant) + "'");
        }
        return meant.stream().findFirst().map(spaces::get);
    }

    long total() {
        return labelled.size();
    }

    /** How many have a vector there. */
    long in(EmbeddingSpace space) {
        String id = EmbeddingSpaces.idOf(space);
        return labelled.entrySet().stream()
                .filter(text -> text.getValue().isThere(id, Optional.ofNullable(reembedded.get(text.getKey()))))
                .count();
    }
}
