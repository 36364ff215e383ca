package dev.sluice.trainer;

import dev.sluice.schemas.Split;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What {@link Examples} says of their number, found by looking at all of them each time: the oracle of {@link TallyTest}.
 *
 * @param examples each with all its vectors
 * @param preferred canonical id of a space
 */
record SlowCount(Collection<Example> examples, Optional<String> preferred) {
    Optional<String> space() {
        return examples.stream()
                .max(Comparator.comparing(Example::embeddedAt)
                        .thenComparing(Example::spaceId)
                        .thenComparing(Example::id))
                .map(newest -> preferred.flatMap(newest::in).orElse(newest).spaceId());
    }

    long fresh(LearningTask.Wanted wanted, Lineage since) {
        return space().map(space -> fresh(space, wanted, since)).orElse(0L);
    }

    private long fresh(String space, LearningTask.Wanted wanted, Lineage since) {
        boolean unlabelled = of(space).noneMatch(example -> example.label().isPresent());
        boolean numbers =
                wanted == LearningTask.Wanted.REGRESSION || (wanted == LearningTask.Wanted.AUTO && unlabelled);
        return of(space)
                .filter(example -> example.split() == Split.TRAIN && since.isBefore(example.place()))
                .filter(example ->
                        numbers ? example.target().isPresent() : example.label().isPresent())
                .count();
    }

    private Stream<Example> of(String space) {
        return examples.stream().flatMap(example -> example.in(space).stream());
    }
}
