package dev.sluice.cli;

import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What each instance of the classifier says that it serves: the last word of each counts. */
final class LiveVersions {
    private final Map<String, DeploymentStatus> byInstance = new TreeMap<>();

    static LiveVersions read(Connection connection) {
        LiveVersions live = new LiveVersions();
        try (var reader = connection.readFromBeginning(connection.topics().deploymentStatus())) {
            reader.readToEnd().forEach(live::add);
        }
        return live;
    }

    void add(TopicReader.Read<DeploymentStatus> record) {
        record.value().ifPresent(status -> byInstance.put(status.getInstance(), status));
        if (record.value().isEmpty() && record.problem().isEmpty()) {
            record.key().ifPresent(key -> byInstance.remove(key.substring(key.indexOf('/') + 1)));
        }
    }

    Collection<DeploymentStatus> all() {
        return byInstance.values();
    }

    /** What the last deployment to be acted on led to: the newest word of any instance. */
    Optional<DeploymentStatus> newest() {
        return byInstance.values().stream().max((a, b) -> a.getAt().compareTo(b.getAt()));
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
