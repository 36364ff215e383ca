package dev.sluice.classifier;

import dev.sluice.classifier.Reports.Outcome;
import dev.sluice.schemas.Arm;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Tells what became of each arm, but nothing twice, unless somebody asks. */
final class ArmReports {
    private final Reports reports;
    private final Map<Arm, Optional<Outcome>> said = new EnumMap<>(Arm.class);

    ArmReports(Reports reports) {
        this.reports = reports;
    }

    /** An event names the arm: whoever wrote it waits for an answer, even if all stays as it is. */
    void asked(Arm arm) {
        said.remove(arm);
    }

    void tell(Outcome outcome) {
        Optional<Outcome> news = Optional.of(outcome);
        if (!news.equals(said.put(outcome.arm(), news))) {
            reports.deployment(outcome);
        }
    }

    /** Nobody has this part. Said at a start too: another may have had it when this instance was killed. */
    void tellEnded(Arm arm) {
        if (!Optional.empty().equals(said.put(arm, Optional.empty()))) {
            reports.ended(arm);
        }
    }
}
