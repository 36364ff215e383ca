package dev.sluice.embedder;

import com.google.genai.errors.ApiException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a failure of the Gemini API means for the texts that were asked about: try again, give them up, or call somebody.
 * Whatever is said of it holds no key: neither the message, where the key is replaced, nor a cause, which is left out if the
 * key is in it or below it.
 *
 * <p>The SDK has no fields for the details of Google's errors (QuotaFailure, RetryInfo); it appends their JSON to the
 * message, and there they are read.
 */
final class GeminiErrors {
    private static final Pattern QUOTA_OF_A_DAY = Pattern.compile("\"quotaId\"\\s*:\\s*\"[^\"]*PerDay");
    private static final Pattern RETRY_DELAY =
            Pattern.compile("\"retryDelay\"\\s*:\\s*\"(\\d{1,9}(?:\\.\\d{1,9})?)s\"");
    private static final int LONGEST_REASON = 2000;

    private final String key;

    GeminiErrors(String key) {
        this.key = key;
    }

    RuntimeException meaningOf(ApiException e) {
        String message = Optional.ofNullable(e.message()).orElse("");
        String reason = "Gemini answered " + e.code() + " " + said(e.status() + ": " + message);
        return switch (e.code()) {
            case 400, 413 -> ofBadRequest(e, message, reason);
            case 401 -> badKey(reason, e);
            case 403 ->
                misconfigured(
                        EmbedderConfig.GEMINI_API_KEY,
                        reason + "; the key's project may not call this API or model",
                        e);
            case 404 ->
                misconfigured(
                        EmbedderConfig.MODEL,
                        reason + "; there is no such model, or the key's project may not use it",
                        e);
            case 429 ->
                new QuotaExceededException(
                        reason, QUOTA_OF_A_DAY.matcher(message).find(), retryDelay(message), causeOf(e));
            case 408 -> new ProviderUnavailableException(reason, causeOf(e));
            default ->
                e.code() >= 500
                        ? new ProviderUnavailableException(reason, causeOf(e))
                        : misconfigured(
                                EmbedderConfig.GEMINI_BASE_URL, reason + "; that is not how the API answers", e);
        };
    }

    /** A text may be at fault, but also what all calls have in common. */
    private RuntimeException ofBadRequest(ApiException e, String message, String reason) {
        if (message.contains("API_KEY_INVALID")
                || message.toLowerCase(Locale.ROOT).startsWith("api key")) {
            return badKey(reason, e);
        }
        if ("FAILED_PRECONDITION".equals(e.status())) { // a fault of the project: its country, its billing
            return misconfigured(EmbedderConfig.GEMINI_API_KEY, reason, e);
        }
        return new TextRefusedException(reason, causeOf(e));
    }

    private ProviderMisconfiguredException badKey(String reason, ApiException e) {
        return misconfigured(
                EmbedderConfig.GEMINI_API_KEY,
                reason + "; set a valid key, best as SLUICE_GEMINI_API_KEY in the environment",
                e);
    }

    private ProviderMisconfiguredException misconfigured(String setting, String reason, ApiException e) {
        return new ProviderMisconfiguredException(setting, reason + " (see " + setting + ")", causeOf(e));
    }

    /** No answer, or none that can be read. */
    ProviderUnavailableException unavailable(String what, RuntimeException e) {
        Throwable reason = Optional.ofNullable(e.getCause()).orElse(e);
        return new ProviderUnavailableException(what + ": " + said(reason.toString()), causeOf(e));
    }

    private static Optional<Duration> retryDelay(String message) {
        Matcher delay = RETRY_DELAY.matcher(message);
        return delay.find()
                ? Optional.of(Duration.ofNanos((long) Math.ceil(Double.parseDouble(delay.group(1)) * 1e9)))
                : Optional.empty();
    }

    /** What others say: on one line, and without the key. */
    private String said(String words) {
        String line = words.replace(key, "[key]").replaceAll("\\s+", " ");
        return line.length() <= LONGEST_REASON ? line : line.substring(0, LONGEST_REASON) + " ...";
    }

    /** Null, as for any exception without a cause, if the key stands somewhere in what would be logged of it. */
    private Throwable causeOf(RuntimeException e) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        return trace.toString().contains(key) ? null : e;
    }
}
