package dev.sluice.schemas;

/**
 * How many brokers hold a topic's records, when it is created. With three replicas of which two must have a record before it
 * counts as written, one broker may be lost, whichever it is, and nothing else is: the usual choice for production.
 *
 * @param factor replicas; 0 leaves it to the broker
 * @param minInsyncReplicas how many of them must have a record; 0 leaves it to the broker
 */
public record Replication(short factor, short minInsyncReplicas) {
    /** As the broker has it. */
    public static final Replication OF_BROKER = new Replication((short) 0, (short) 0);

    /** @throws IllegalArgumentException if more replicas must have a record than there are: nothing could be written */
    public Replication {
        if (factor < 0 || minInsyncReplicas < 0) {
            throw new IllegalArgumentException(
                    "replicas cannot be fewer than none: " + factor + ", " + minInsyncReplicas);
        }
        if (factor > 0 && minInsyncReplicas > factor) {
            throw new IllegalArgumentException("with a replication factor of " + factor + " no " + minInsyncReplicas
                    + " replicas can be in sync, so nothing could be written");
        }
    }
}
