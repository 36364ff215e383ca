package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.LiveCounts;
import java.util.Locale;

/**
 * Whose counts they are and of which stretch of time; as text the key of a store, so that a version's stand together.
 *
 * @param start where the stretch begins, in milliseconds since 1970; {@link #ALL_OF_TIME} if it has no beginning
 */
record CountsKey(int version, Arm arm, long start) {
    static final long ALL_OF_TIME = 0;

    static CountsKey of(LiveCounts counts) {
        return new CountsKey(
                counts.getVersion(), counts.getArm(), counts.getStart().toEpochMilli());
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%010d/%s/%015d", version, arm, start);
    }
}
