package dev.sluice.cli;

import dev.sluice.schemas.Topic;
import dev.sluice.schemas.Topics;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The topics of dead letters that are there, of this prefix and classifier. */
final class LetterTopics {
    private LetterTopics() {}

    /** @throws CommandException if there is none */
    static Set<String> all(Connection connection) {
        Set<String> names = new TreeSet<>();
        connection.topics().all().forEach(topic -> names.add(Topics.deadLetterOf(topic.name())));
        names.retainAll(connection.topicNames());
        if (names.isEmpty()) {
            connection.require(connection.topics().posts()); // says the cure
            throw new CommandException("there is no topic of dead letters: start the services, which create them");
        }
        return names;
    }

    /**
     * @param named as the topic of the letters or of the records that they were, with or without prefix; all if empty
     * @throws CommandException if there is no such topic
     */
    static Set<String> chosen(Connection connection, Optional<String> named) {
        Set<String> all = all(connection);
        return named.<Set<String>>map(name -> Set.of(all.stream()
                        .filter(topic -> isNamed(connection.topics(), topic, name))
                        .findFirst()
                        .orElseThrow(() -> new CommandException("there are no dead letters of a topic " + name
                                + "; there are " + String.join(", ", all)))))
                .orElse(all);
    }

    private static boolean isNamed(Topics topics, String topic, String name) {
        return List.of(
                        name,
                        Topics.deadLetterOf(name),
                        topics.prefix() + name,
                        Topics.deadLetterOf(topics.prefix() + name))
                .contains(topic);
    }

    /** The topic whose records became these letters. */
    static Optional<Topic<?>> sourceOf(Topics topics, String letterTopic) {
        return topics.all().stream()
                .<Topic<?>>map(topic -> topic)
                .filter(topic -> Topics.deadLetterOf(topic.name()).equals(letterTopic))
                .findFirst();
    }
}
