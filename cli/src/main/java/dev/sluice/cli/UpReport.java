package dev.sluice.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.DeploymentStatus;
import dev.sluice.schemas.Epoch;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.trainer.TrainingListener;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What {@code sluice up} says: a line for people, or with {@code --json} an object with the field {@code event}. */
final class UpReport implements TrainingListener {
    private final OutputOptions output;
    private volatile boolean ready;

    UpReport(OutputOptions output) {
        this.output = output;
    }

    void starting() {
        if (!output.json()) {
            output.line("starting ...");
        }
    }

    /** @param where host and port, and where its data lies if it is ours */
    void ready(String servers, String where, double seconds) {
        say(
                "ready",
                json -> json.put("bootstrapServers", servers).put("seconds", Math.round(seconds * 10) / 10.0),
                String.format(
                        Locale.ROOT,
                        "Kafka      %s%nroute      posts -> embedded-posts -> predictions (JSON)%nready      in %.1f s;"
                                + " Ctrl-C stops",
                        where,
                        seconds));
        ready = true;
    }

    /** @param option that the commands need to find this broker; empty, or with a blank before it */
    void noModel(String option) {
        say(
                "noModel",
                json -> json,
                String.join(
                        "\n",
                        "",
                        "There is no model yet. In another shell, send posts with labels; they are learned from by themselves:",
                        "  ./sluice produce" + option + " --data bundled",
                        "then ask:",
                        "  ./sluice classify" + option + " 'Which eyepiece shows the rings of Saturn best?'",
                        ""));
    }

    void status(DeploymentStatus status) {
        DeploymentState state = status.getState();
        say(
                switch (state) {
                    case SERVING -> status.getArm().toString().toLowerCase(Locale.ROOT);
                    case REFUSED -> "refused";
                    default -> "waiting";
                },
                json -> json.setAll(StatusJson.of(status)),
                switch (state) {
                    case SERVING ->
                        String.format(
                                Locale.ROOT,
                                "%-11sversion %d",
                                status.getArm().toString().toLowerCase(Locale.ROOT),
                                status.getVersion());
                    case REFUSED -> "refused    version " + status.getVersion() + ": " + status.getReason();
                    default -> "waiting    for version " + status.getVersion() + ": " + status.getReason();
                });
    }

    @Override
    public void fitStarted(int trainingExamples, int validationExamples, int epochs) {
        say(
                "training",
                json -> json.put("examples", trainingExamples).put("validationExamples", validationExamples),
                "training   on " + trainingExamples + " examples");
    }

    @Override
    public void batchEnded(int epoch, int batch, int batches) {
        // too much for a log
    }

    @Override
    public void epochEnded(Epoch epoch, int epochs) {
        // the version's history has them all
    }

    @Override
    public void published(ModelVersion version) {
        ModelSummary summary = new ModelSummary(version, Optional.empty(), false);
        say(
                "published",
                json -> json.setAll(summary.json()),
                "published  version " + version.getVersion()
                        + Versions.evaluationOf(version)
                                .map(each -> ", " + Measure.sentence(version, each))
                                .orElse("")
                        + ModelVersions.heldBack(version)
                                .map(why -> "; not deployed: " + why)
                                .orElse(""));
    }

    @Override
    public void refused(String reason) {
        say("trainingRefused", json -> json.put("reason", reason), "no fit     " + reason);
    }

    /** Only what was ready can be said to have stopped. */
    void stopped(Duration took) {
        if (!ready) {
            return;
        }
        double seconds = took.toMillis() / 1000.0;
        say(
                "stopped",
                json -> json.put("seconds", Math.round(seconds * 10) / 10.0),
                String.format(Locale.ROOT, "stopped    in %.1f s", seconds));
    }

    /** From several threads, line by line. */
    private synchronized void say(String event, UnaryOperator<ObjectNode> fields, String text) {
        if (output.json()) {
            output.line(fields.apply(OutputOptions.object().put("event", event)));
        } else {
            output.line(text);
        }
    }
}
