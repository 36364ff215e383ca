package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What happens to a call at the provider: it may be objected to, then it is charged or over the quota, then answered well or
 * badly. It is charged at a random moment between its arrival and its answer, since nobody knows when the real provider
 * does it, and stays charged whatever comes of it.
 */
final class GeminiProject {
    private static final int MOST_TEXTS = 100;
    private static final int MOST_BYTES = 4 << 20;
    private static final int LONGEST_VECTOR = 3072;
    private static final String PATH = "/v1beta/models/";
    private static final String METHOD = ":batchEmbedContents";

    /**
     * What the server has seen so far.
     *
     * @param calls but those while it was down
     * @param texts in calls that nothing was wrong with
     * @param answered texts whose vectors were sent
     * @param quotaExceeded calls answered with 429
     * @param refused calls answered with 400, 403 or 404 before they were charged
     * @param failed calls that were charged and yet got no good answer
     * @param hasty calls before the end of the wait that the server had asked for
     * @param mostRequests in any window, wherever it begins
     * @param mostTokens in any window, wherever it begins
     * @param requestsToday of the Pacific calendar
     * @param answeredTwice texts whose vector was sent more than once
     * @param windows one after the other, from the first charge on
     */
    record Report(
            long calls,
            long texts,
            long answered,
            long quotaExceeded,
            long refused,
            long failed,
            long hasty,
            long mostRequests,
            long mostTokens,
            long requestsToday,
            long answeredTwice,
            List<GeminiQuota.Window> windows) {}

    /**
     * What to send back.
     *
     * @param share of the body that goes out before the connection breaks; 0 if it breaks before the answer begins
     * @param onFailure to be called if it could not be sent
     */
    record Reply(GeminiAnswers.Answer answer, double share, Runnable onFailure) {
        static Reply of(GeminiAnswers.Answer answer) {
            return new Reply(answer, 1, () -> {});
        }
    }

    private enum Fault {
        NONE,
        ERROR,
        DROP,
        HALF,
        MISCOUNT
    }

    private record Call(List<String> texts, int dimensions) {}

    private final JsonMapper mapper = new JsonMapper();
    private final GeminiAnswers answers = new GeminiAnswers();
    private final GeminiSettings settings;
    private final Clock clock;
    private final GeminiQuota quota;
    private final GeminiBill bill = new GeminiBill();
    private final Random random;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicLong notBefore = new AtomicLong();
    private final LongAdder calls = new LongAdder();
    private final LongAdder texts = new LongAdder();
    private final LongAdder answered = new LongAdder();
    private final LongAdder quotaExceeded = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder hasty = new LongAdder();
    private volatile boolean refusesKey;

    GeminiProject(GeminiSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.quota = new GeminiQuota(settings, clock);
        this.random = new Random(settings.seed());
    }

    void failNext(int count) {
        failures.set(count);
    }

    void refuseKey() {
        refusesKey = true;
    }

    GeminiQuota quota() {
        return quota;
    }

    GeminiBill bill() {
        return bill;
    }

    Report report() {
        return new Report(
                calls.sum(),
                texts.sum(),
                answered.sum(),
                quotaExceeded.sum(),
                refused.sum(),
                failed.sum(),
                hasty.sum(),
                quota.mostRequests(),
                quota.mostTokens(),
                quota.today(),
                bill.answeredTwice(),
                quota.windows());
    }

    /** Takes as long as the latency says. */
    Reply reply(String key, String path, byte[] body) throws IOException, InterruptedException {
        long arrived = clock.millis();
        calls.increment();
        if (arrived < notBefore.get()) {
            hasty.increment();
        }
        Call call = read(body);
        Optional<GeminiAnswers.Answer> objection =
                objectionToCaller(key, path).or(() -> objectionTo(call, body.length));
        if (objection.isPresent()) {
            refused.increment();
            return Reply.of(objection.get());
        }
        texts.add(call.texts().size());
        Fault fault = failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? Fault.ERROR : randomFault();
        long before = (long) (settings.latency().toNanos() * random.nextDouble());
        TimeUnit.NANOSECONDS.sleep(before);
        long at = clock.millis();
        Optional<GeminiQuota.Refusal> refusal = quota.charge(
                settings.perItem() ? call.texts().size() : 1,
                call.texts().stream().mapToInt(settings::tokensOf).sum());
        TimeUnit.NANOSECONDS.sleep(settings.latency().toNanos() - before);
        if (refusal.isPresent()) {
            quotaExceeded.increment();
            return Reply.of(answers.quotaUsedUp(refusal.get().violations(), toldToWait(refusal.get())));
        }
        return charged(call, arrived, at, fault);
    }

    private Call read(byte[] body) throws IOException {
        JsonNode requests = mapper.readTree(body).path("requests");
        List<String> all = new ArrayList<>();
        for (JsonNode request : requests) {
            StringBuilder text = new StringBuilder();
            request.path("content")
                    .path("parts")
                    .forEach(part -> text.append(part.path("text").asText()));
            all.add(text.toString());
        }
        return new Call(all, requests.path(0).path("outputDimensionality").asInt(LONGEST_VECTOR));
    }

    private Optional<GeminiAnswers.Answer> objectionToCaller(String key, String path) {
        if (key.isEmpty()) {
            return Optional.of(answers.error(403, "PERMISSION_DENIED", "This method needs an API key."));
        }
        if (refusesKey || !(settings.key().isEmpty() || settings.key().equals(key))) {
            return Optional.of(answers.badKey());
        }
        String model = path.startsWith(PATH) && path.endsWith(METHOD)
                ? path.substring(PATH.length(), path.length() - METHOD.length())
                : path;
        return settings.models().contains(model)
                ? Optional.empty()
                : Optional.of(
                        answers.error(404, "NOT_FOUND", "models/" + model + " is not found for API version v1beta."));
    }

    private Optional<GeminiAnswers.Answer> objectionTo(Call call, int bytes) {
        if (bytes > MOST_BYTES) {
            return invalid("Request payload size exceeds the limit: " + MOST_BYTES + " bytes.");
        }
        if (call.texts().isEmpty() || call.texts().size() > MOST_TEXTS) {
            return invalid("requests: 1 to " + MOST_TEXTS + " can be in one batch.");
        }
        if (call.texts().contains("")) {
            return invalid("content: must not be empty.");
        }
        if (call.dimensions() < 1 || call.dimensions() > LONGEST_VECTOR) {
            return invalid("output_dimensionality: out of range.");
        }
        return Optional.empty();
    }

    private Optional<GeminiAnswers.Answer> invalid(String message) {
        return Optional.of(answers.error(400, "INVALID_ARGUMENT", message));
    }

    private Fault randomFault() {
        double draw = random.nextDouble();
        if ((draw -= settings.errors()) < 0) {
            return Fault.ERROR;
        }
        if ((draw -= settings.drops()) < 0) {
            return Fault.DROP;
        }
        if ((draw -= settings.halves()) < 0) {
            return Fault.HALF;
        }
        return draw - settings.miscounts() < 0 ? Fault.MISCOUNT : Fault.NONE;
    }

    /** For a day's violation some part of a minute, as the real one does: obeying that alone would be in vain. */
    private Optional<Duration> toldToWait(GeminiQuota.Refusal refusal) {
        if (!settings.retryInfo()) {
            return Optional.empty();
        }
        Duration wait = refusal.violations().equals(Set.of(GeminiQuota.Kind.REQUESTS_PER_DAY))
                ? settings.window().dividedBy(2)
                : refusal.retryAfter();
        notBefore.accumulateAndGet(clock.millis() + wait.toMillis(), Math::max);
        return Optional.of(wait);
    }

    private Reply charged(Call call, long arrived, long at, Fault fault) {
        boolean poisoned = call.texts().stream().anyMatch(text -> text.contains(settings.poison()));
        boolean good = !poisoned && fault == Fault.NONE;
        GeminiBill.Payment payment = new GeminiBill.Payment(arrived, at, good);
        bill.add(call.texts(), payment);
        (good ? answered : failed).add(good ? call.texts().size() : 1);
        if (poisoned) {
            return Reply.of(invalid("This server takes no text that holds " + settings.poison() + ".")
                    .orElseThrow());
        }
        int surplus = fault != Fault.MISCOUNT ? 0 : random.nextBoolean() ? 1 : -1;
        GeminiAnswers.Answer vectors = answers.vectors(call.texts(), call.dimensions(), surplus);
        return switch (fault) {
            case NONE -> new Reply(vectors, 1, () -> unsent(call, payment));
            case MISCOUNT -> Reply.of(vectors);
            case HALF -> new Reply(vectors, 0.5, () -> {});
            case DROP -> new Reply(vectors, 0, () -> {});
            case ERROR ->
                Reply.of(
                        random.nextBoolean()
                                ? answers.error(503, "UNAVAILABLE", "The model is overloaded.")
                                : answers.error(500, "INTERNAL", "An internal error has occurred."));
        };
    }

    private void unsent(Call call, GeminiBill.Payment payment) {
        bill.unanswered(call.texts(), payment);
        answered.add(-call.texts().size());
        failed.increment();
    }
}
