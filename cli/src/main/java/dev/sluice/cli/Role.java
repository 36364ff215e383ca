package dev.sluice.cli;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Deployments;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a version does, by the newest word of the classifiers; the share, by the log of deployments.
 *
 * @param share of the posts that a canary is to answer
 */
record Role(Part part, Optional<Double> share) {
    enum Part {
        LIVE,
        CANARY,
        SHADOW,
        REFUSED,
        WAITING
    }

    /** Nothing, if the version does nothing. */
    static Optional<Role> of(int version, LiveVersions statuses, Deployments deployments) {
        if (statuses.version().equals(Optional.of(version))) {
            return Optional.of(new Role(Part.LIVE, Optional.empty()));
        }
        return Stream.of(Arm.LIVE, Arm.CANARY, Arm.SHADOW)
                .flatMap(arm -> statuses.newest(arm).stream())
                .filter(status -> status.getVersion() == version)
                .findFirst()
                .flatMap(status -> partOf(status).map(part -> new Role(part, shareOf(part, deployments))));
    }

    private static Optional<Part> partOf(DeploymentStatus status) {
        if (status.getState() == DeploymentState.REFUSED) {
            return Optional.of(Part.REFUSED);
        }
        if (status.getState() == DeploymentState.WAITING) {
            return Optional.of(Part.WAITING);
        }
        return switch (status.getArm()) {
            case LIVE -> Optional.of(Part.LIVE);
            case CANARY -> Optional.of(Part.CANARY);
            case SHADOW -> Optional.of(Part.SHADOW);
            case UNKNOWN -> Optional.empty(); // a newer classifier's
        };
    }

    private static Optional<Double> shareOf(Part part, Deployments deployments) {
        return part == Part.CANARY ? deployments.canary().map(Deployments.Canary::share) : Optional.empty();
    }

    /** Such as "canary 10%". */
    String text() {
        return part.toString().toLowerCase(Locale.ROOT)
                + share.map(it -> " " + Share.text(it)).orElse("");
    }
}
