package dev.sluice.cli;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What each instance of the classifier says that it serves, live or beside: the last word of each counts. */
final class LiveVersions {
    private final Map<String, DeploymentStatus> byInstanceAndArm = new TreeMap<>();

    static LiveVersions read(Connection connection) {
        LiveVersions live = new LiveVersions();
        try (var reader = connection.readFromBeginning(connection.topics().deploymentStatus())) {
            reader.readToEnd().forEach(live::add);
        }
        return live;
    }

    void add(TopicReader.Read<DeploymentStatus> record) {
        record.value().ifPresent(status -> byInstanceAndArm.put(nameOf(status), status));
        if (record.value().isEmpty() && record.problem().isEmpty()) {
            record.key().ifPresent(key -> byInstanceAndArm.remove(key.substring(key.indexOf('/') + 1)));
        }
    }

    /** The record's key, less the classifier. */
    private static String nameOf(DeploymentStatus status) {
        return status.getInstance() + (status.getArm() == Arm.LIVE ? "" : "/" + status.getArm());
    }

    Collection<DeploymentStatus> all() {
        return byInstanceAndArm.values();
    }

    /** What the last deployment to be acted on led to: the newest word of any instance. */
    Optional<DeploymentStatus> newest() {
        return newest(Arm.LIVE);
    }

    /** The newest word of any instance on this arm; nothing if nobody has its part. */
    Optional<DeploymentStatus> newest(Arm arm) {
        return byInstanceAndArm.values().stream()
                .filter(status -> status.getArm() == arm)
                .max((a, b) -> a.getAt().compareTo(b.getAt()));
    }

    /** The version that answers now, by the newest word. */
    Optional<Integer> version() {
        return newest().flatMap(DeploymentStatus::getServingVersion);
    }

    /** Whether the newest word is that this version was taken up. */
    boolean serves(int version) {
        return newest().filter(status -> status.getState() == DeploymentState.SERVING && status.getVersion() == version)
                .isPresent();
    }
}
