package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.DeploymentStatus;

/** What an instance of the classifier says of itself, as JSON. */
final class StatusJson {
    private StatusJson() {}

    static ObjectNode of(DeploymentStatus status) {
        ObjectNode json = OutputOptions.object()
                .put("classifier", status.getClassifier())
                .put("instance", status.getInstance())
                .put("arm", status.getArm().toString())
                .put("state", status.getState().toString())
                .put("version", status.getVersion());
        status.getServingVersion().ifPresent(version -> json.put("servingVersion", version));
        return json.put("reason", status.getReason()).put("at", status.getAt().toString());
    }
}
