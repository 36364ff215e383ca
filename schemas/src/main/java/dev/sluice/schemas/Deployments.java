package dev.sluice.schemas;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the log of deployments comes to: one event after the other, by offset, and nothing but the log. So all who read it
 * come to the same answer without talking to each other, and an event that loses, loses everywhere. The price: models are
 * not looked at. A version that was refused, or never published, is live here; what answers meanwhile is for the
 * classifier to say.
 *
 * <p>Beside the live version one may look on, and one may answer a share of the posts; both until they are ended, replaced or
 * live. Rolling back undoes: after 1, 2, 3 it leads to 2, and once more to 1. Not for several threads at once.
 *
 * <p>Where signatures are asked for ({@link Trust}), an event without a good one loses. So does one whose signature was there
 * before: the same signature is the same event, and whoever writes it again is not who signed it, but wants what was to be
 * once more. No clock is asked for that.
 */
public final class Deployments {
    private final String classifier;
    private final Trust trust;
    private final List<Change> history = new ArrayList<>();
    private final Set<Signature> spent = new HashSet<>();

    /** Versions that went live one after the other, less those that were rolled back; the last is live. */
    private final List<Integer> line = new ArrayList<>();

    private boolean pinned;
    private Optional<Integer> shadow = Optional.empty();
    private Optional<Canary> canary = Optional.empty();

    /**
     * A version that answers a share of the posts, always the same ones.
     *
     * @param share above 0, at most 1
     */
    public record Canary(int version, double share) {}

    /** Nothing yet; every event counts, signed or not. */
    public Deployments(String classifier) {
        this(classifier, Trust.OPEN);
    }

    /** Nothing yet. */
    public Deployments(String classifier, Trust trust) {
        this.classifier = classifier;
        this.trust = trust;
    }

    /**
     * What became of one event.
     *
     * @param from the version that was live before
     * @param to the version that the event wanted live, as far as it can be told; that of an event without such a wish is
     *     live already
     * @param lost why the event changed nothing; empty if it was applied
     * @param refused whether it lost because nobody who is trusted wrote it
     */
    public record Change(
            long offset,
            Deployment event,
            Optional<Integer> from,
            Optional<Integer> to,
            Optional<String> lost,
            boolean refused) {

        /** Whether the event counts. */
        public boolean applied() {
            return lost.isEmpty();
        }
    }

    /**
     * Takes in the next event. One at an offset that is not beyond the last is passed over: it was taken in before.
     *
     * @throws UnreadableRecordException if it is for another classifier, or names no version; it changes nothing and stays
     *     out of the history
     */
    public void add(long offset, Deployment event) {
        check(classifier, event);
        if (!history.isEmpty() && offset <= history.get(history.size() - 1).offset()) {
            return;
        }
        Optional<Integer> from = live();
        Optional<Integer> to = wantedBy(event);
        Optional<String> objection = objectionTo(event);
        Optional<String> lost = objection.or(() -> defeatOf(event, to));
        if (lost.isEmpty()) {
            apply(event, to);
        }
        history.add(new Change(offset, event, from, to, lost, objection.isPresent()));
    }

    private Optional<String> objectionTo(Deployment event) {
        Optional<String> objection = trust.objectionTo(event);
        return trust.asksForSignatures()
                        && objection.isEmpty()
                        && !spent.add(event.getSignature().orElseThrow())
                ? Optional.of("the deployment is a copy of one that lies on the topic before it")
                : objection;
    }

    /** The version that is to serve. */
    public Optional<Integer> live() {
        return line.isEmpty() ? Optional.empty() : Optional.of(line.get(line.size() - 1));
    }

    /** Where a rollback leads to. */
    public Optional<Integer> previous() {
        return line.size() < 2 ? Optional.empty() : Optional.of(line.get(line.size() - 2));
    }

    /** The version that looks on: it answers too, but beside the predictions that count. Never the live one. */
    public Optional<Integer> shadow() {
        return shadow;
    }

    /** The version that answers a share of the posts in the live one's place. Never the live one, nor the shadow. */
    public Optional<Canary> canary() {
        return canary;
    }

    /** Whether automatic events lose. */
    public boolean pinned() {
        return pinned;
    }

    /** What became of every event, oldest first; a view, not to be changed. */
    public List<Change> history() {
        return Collections.unmodifiableList(history);
    }

    /**
     * What {@link #add} asks of an event, for those who keep events and fold them later.
     *
     * @throws UnreadableRecordException if it is for another classifier, or names no version
     */
    public static void check(String classifier, Deployment event) {
        event.getClassifier().filter(named -> !named.equals(classifier)).ifPresent(named -> {
            throw new UnreadableRecordException(
                    "the deployment is for classifier " + named + ", these are the deployments of " + classifier);
        });
        int least =
                switch (event.getAction()) {
                    case DEPLOY, SHADOW, CANARY -> 1;
                    default -> 0;
                };
        if (event.getVersion() < least) {
            throw new UnreadableRecordException(
                    "versions count from 1, the deployment names version " + event.getVersion());
        }
        if (event.getAction() == DeploymentAction.CANARY && !(event.getShare() > 0 && event.getShare() <= 1)) {
            throw new UnreadableRecordException(
                    "a canary's share is above 0 and at most 1 (0.1 is 10 %), not " + event.getShare());
        }
    }

    private Optional<Integer> wantedBy(Deployment event) {
        Optional<Integer> named = event.getVersion() == 0 ? Optional.empty() : Optional.of(event.getVersion());
        return switch (event.getAction()) {
            case DEPLOY -> named;
            case ROLLBACK -> named.or(this::previous);
            case PIN -> named.or(this::live);
            case UNPIN, SHADOW, CANARY, END -> live();
            case UNKNOWN -> Optional.empty();
        };
    }

    private Optional<String> defeatOf(Deployment event, Optional<Integer> to) {
        if (event.getAction() == DeploymentAction.UNKNOWN) {
            return Optional.of("its action is not known here; a newer release may know it");
        }
        if (event.getAutomatic() && pinned) {
            return Optional.of(text(live()) + " is pinned");
        }
        if (event.getExpected()
                .filter(expected -> !expected.equals(live().orElse(0)))
                .isPresent()) {
            return Optional.of(
                    "it expected " + text(event.getExpected()) + " to be live, but " + text(live()) + " was");
        }
        return switch (event.getAction()) {
            case ROLLBACK -> defeatOfRollback(to);
            case PIN -> to.isEmpty() ? Optional.of("no version is live that could be pinned") : Optional.empty();
            case SHADOW, CANARY ->
                live().equals(Optional.of(event.getVersion()))
                        ? Optional.of(text(live()) + " is live already")
                        : Optional.empty();
            case END -> defeatOfEnd(event.getVersion());
            default -> Optional.empty();
        };
    }

    private Optional<String> defeatOfRollback(Optional<Integer> to) {
        if (to.isEmpty()) {
            return Optional.of("no version was live before " + text(live()));
        }
        return line.contains(to.get())
                ? Optional.empty()
                : Optional.of(text(to) + " was not live before " + text(live()) + ": deploy it instead");
    }

    private Optional<String> defeatOfEnd(int version) {
        boolean any = shadow.isPresent() || canary.isPresent();
        if (version == 0 ? any : isShadow(version) || isCanary(version)) {
            return Optional.empty();
        }
        return Optional.of((version == 0 ? "no version" : "version " + version + " neither")
                + (version == 0 ? " looks on or" : " looks on nor") + " answers a share of the posts");
    }

    private boolean isShadow(int version) {
        return shadow.equals(Optional.of(version));
    }

    private boolean isCanary(int version) {
        return canary.filter(it -> it.version() == version).isPresent();
    }

    /** A version has one part at a time. */
    private void endPartOf(int version) {
        shadow = shadow.filter(it -> it != version);
        canary = canary.filter(it -> it.version() != version);
    }

    private void apply(Deployment event, Optional<Integer> to) {
        switch (event.getAction()) {
            case SHADOW -> {
                endPartOf(event.getVersion());
                shadow = Optional.of(event.getVersion());
            }
            case CANARY -> {
                endPartOf(event.getVersion());
                canary = Optional.of(new Canary(event.getVersion(), event.getShare()));
            }
            case END -> {
                if (event.getVersion() == 0) {
                    shadow = Optional.empty();
                    canary = Optional.empty();
                } else {
                    endPartOf(event.getVersion());
                }
            }
            default -> applyToLine(event.getAction(), to);
        }
    }

    private void applyToLine(DeploymentAction action, Optional<Integer> to) {
        if (action == DeploymentAction.ROLLBACK) {
            line.subList(line.lastIndexOf(to.orElseThrow()) + 1, line.size()).clear();
        } else if (!to.equals(live())) {
            line.add(to.orElseThrow());
        }
        live().ifPresent(this::endPartOf);
        pinned = action == DeploymentAction.PIN || (pinned && action != DeploymentAction.UNPIN);
    }

    private static String text(Optional<Integer> version) {
        return version.filter(number -> number != 0)
                .map(number -> "version " + number)
                .orElse("no version");
    }
}
