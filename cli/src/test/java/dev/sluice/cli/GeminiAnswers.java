package dev.sluice.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Bodies in the form of the API's: the vectors, and errors with the details that Google's services add. */
final class GeminiAnswers {
    private static final String TYPE = "type.googleapis.com/google.rpc.";

    /** An HTTP answer. */
    record Answer(int status, String body) {}

    private final JsonMapper mapper = new JsonMapper();

    /** @param surplus vectors more than texts, or fewer, -1 to 1 */
    Answer vectors(List<String> texts, int dimensions, int surplus) {
        StringBuilder out = new StringBuilder(64 + texts.size() * (dimensions * 6 + 16)).append("{\"embeddings\":[");
        for (int i = 0; i < texts.size() + surplus; i++) {
            out.append(i == 0 ? "{\"values\":[" : ",{\"values\":[");
            GeminiVectors.write(texts.get(Math.min(i, texts.size() - 1)), dimensions, out);
            out.append("]}");
        }
        return new Answer(200, out.append("]}").toString());
    }

    Answer error(int code, String status, String message) {
        return error(code, status, message, mapper.createArrayNode());
    }

    private Answer error(int code, String status, String message, ArrayNode details) {
        ObjectNode body = mapper.createObjectNode();
        ObjectNode error = body.putObject("error");
        error.put("code", code).put("message", message).put("status", status);
        if (!details.isEmpty()) {
            error.set("details", details);
        }
        return new Answer(code, body.toString());
    }

    Answer badKey() {
        ArrayNode details = mapper.createArrayNode();
        details.addObject()
                .put("@type", TYPE + "ErrorInfo")
                .put("reason", "API_KEY_INVALID")
                .put("domain", "googleapis.com");
        return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", details);
    }

    /** @param retryDelay if the answer shall hold one; the real ones do not always */
    Answer quotaUsedUp(Iterable<GeminiQuota.Kind> violations, Optional<Duration> retryDelay) {
        ArrayNode details = mapper.createArrayNode();
        ArrayNode list = details.addObject().put("@type", TYPE + "QuotaFailure").putArray("violations");
        for (GeminiQuota.Kind violation : violations) {
            list.addObject()
                    .put("quotaMetric", "generativelanguage.googleapis.com/embed_content_free_tier_requests")
                    .put("quotaId", quotaId(violation));
        }
        retryDelay.ifPresent(
                delay -> details.addObject().put("@type", TYPE + "RetryInfo").put("retryDelay", seconds(delay)));
        return error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", details);
    }

    private static String quotaId(GeminiQuota.Kind violation) {
        return switch (violation) {
            case REQUESTS_PER_MINUTE -> "EmbedContentRequestsPerMinutePerProjectPerModel-FreeTier";
            case TOKENS_PER_MINUTE -> "EmbedContentTokensPerMinutePerProjectPerModel-FreeTier";
            case REQUESTS_PER_DAY -> "EmbedContentRequestsPerDayPerProjectPerModel-FreeTier";
        };
    }

    private static String seconds(Duration delay) {
        return String.format(Locale.ROOT, "%.2fs", Math.ceil(delay.toMillis() / 10.0) / 100);
    }
}
