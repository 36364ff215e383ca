package dev.sluice.cli;

import dev.sluice.schemas.EmbeddingSpace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Does what a schedule says to a site, and undoes it. */
final class ChaosFaults {
    private static final int SLOW_BROKER_MILLIS = 30;
    private static final int SLOW_PROVIDER_MILLIS = 500;
    private static final GeminiAnswers ANSWERS = new GeminiAnswers();

    private final ChaosSite site;
    private final ChaosProducer producer;
    private final ChaosPoison poison;
    private final EmbeddingSpace space;
    private final ChaosLog log;
    private int swaps;

    /** @param space of the site's vectors */
    ChaosFaults(ChaosSite site, ChaosProducer producer, ChaosPoison poison, EmbeddingSpace space, ChaosLog log) {
        this.site = site;
        this.producer = producer;
        this.poison = poison;
        this.space = space;
        this.log = log;
    }

    /** Returns when the fault is undone. Several at once are well. */
    void commit(ChaosFault fault) throws InterruptedException {
        log.event(fault.toString());
        switch (fault.kind()) {
            case KILL_SERVICE -> kill(serviceOf(fault), fault);
            case KILL_BROKER -> kill(site.broker(), fault);
            case RESTART_SERVICE -> restart(serviceOf(fault), fault);
            case RESTART_BROKER -> restart(site.broker(), fault);
            case PAUSE_SERVICE, OUTLIVE_SESSION -> pause(serviceOf(fault), fault);
            case PAUSE_BROKER -> pause(site.broker(), fault);
            case CUT_BROKER -> during(fault, site.toBroker()::cut, site.toBroker()::heal);
            case SILENCE_BROKER -> during(fault, site.toBroker()::silence, site.toBroker()::heal);
            case SLOW_BROKER ->
                during(fault, () -> site.toBroker().slowDown(SLOW_BROKER_MILLIS), site.toBroker()::heal);
            case CUT_PROVIDER -> during(fault, site.toGemini()::cut, site.toGemini()::heal);
            case SLOW_PROVIDER ->
                during(fault, () -> site.toGemini().slowDown(SLOW_PROVIDER_MILLIS), site.toGemini()::heal);
            case FAIL_PROVIDER -> answer(fault, ANSWERS.error(503, "UNAVAILABLE", "The model is overloaded."));
            case QUOTA_PROVIDER ->
                answer(
                        fault,
                        ANSWERS.quotaUsedUp(
                                List.of(GeminiQuota.Kind.REQUESTS_PER_MINUTE), Optional.of(Duration.ofSeconds(1))));
            case GARBLE_PROVIDER ->
                answer(
                        fault,
                        new GeminiAnswers.Answer(200, fault.atMillis() % 2 == 0 ? "<html>" : "{\"embeddings\":1}"));
            case POISON_POSTS -> producer.send(poison.posts());
            case BAD_LABELS -> producer.send(poison.labels());
            case BAD_MODEL -> sendBadModels();
            case BAD_DEPLOYMENT -> sendBadDeployments();
        }
        log.event("  undone: " + fault);
    }

    private ChaosService serviceOf(ChaosFault fault) {
        return site.services().get(fault.service());
    }

    private synchronized void sendBadModels() {
        producer.send(poison.models(space));
    }

    private synchronized void sendBadDeployments() {
        producer.send(poison.deployments(1 + swaps++ % 2));
    }

    private static void kill(ChaosService service, ChaosFault fault) throws InterruptedException {
        service.kill();
        last(fault);
        service.start();
    }

    private static void restart(ChaosService service, ChaosFault fault) throws InterruptedException {
        service.terminate();
        last(fault);
        service.start();
    }

    private static void pause(ChaosService service, ChaosFault fault) throws InterruptedException {
        service.pause();
        last(fault);
        service.resume();
    }

    private void answer(ChaosFault fault, GeminiAnswers.Answer answer) throws InterruptedException {
        during(fault, () -> site.gemini().answerInstead(Optional.of(answer)), () -> site.gemini()
                .answerInstead(Optional.empty()));
    }

    private static void during(ChaosFault fault, Runnable begin, Runnable end) throws InterruptedException {
        begin.run();
        last(fault);
        end.run();
    }

    private static void last(ChaosFault fault) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(fault.lastsMillis());
    }
}
