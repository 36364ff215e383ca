package dev.sluice.classifier;

import dev.sluice.schemas.Arm;
import dev.sluice.schemas.Deployments.Change;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Remembers what was reported. */
final class RecordedReports implements Reports {
    final List<Outcome> outcomes = new ArrayList<>();
    final List<Arm> ended = new ArrayList<>();
    final List<Change> lost = new ArrayList<>();
    final List<String> refusals = new ArrayList<>();
    final List<Boolean> fresh = new ArrayList<>();

    @Override
    public void deployment(Outcome outcome) {
        outcomes.add(outcome);
    }

    @Override
    public void ended(Arm arm) {
        ended.add(arm);
    }

    @Override
    public void lost(Change change) {
        lost.add(change);
    }

    @Override
    public void refused(ConsumerRecord<byte[], byte[]> record, Exception reason, boolean isFresh) {
        refusals.add(record.topic() + "@" + record.offset() + ": " + reason.getMessage());
        fresh.add(isFresh);
    }

    Outcome last() {
        return outcomes.get(outcomes.size() - 1);
    }
}
