package dev.sluice.embedder;

import java.time.Duration;

/**
 * What the provider allows the whole project, that is: all instances together.
 *
 * @param requestsPerMinute requests in any window; 0 for no limit
 * @param tokensPerMinute tokens in any window; 0 for no limit
 * @param requestsPerDay requests from one midnight in California to the next; 0 for no limit
 * @param perItem whether each text of a call counts as a request, or the call as one
 * @param window what the provider takes for a minute: 60 s, and less in tests; at least 60 ms
 * @param charactersPerToken how many Latin characters make a token, for the estimate; more than 0
 * @param prefix what the model is sent before each text, and counts with it
 * @param longestCall how long a call may be without an answer, at least half a window: when a partition moves on with a call
 *     in flight, its next owner cannot see the answer, and counts on so long
 */
record QuotaLimits(
        int requestsPerMinute,
        int tokensPerMinute,
        int requestsPerDay,
        boolean perItem,
        Duration window,
        double charactersPerToken,
        String prefix,
        Duration longestCall) {

    QuotaLimits {
        if (requestsPerMinute < 0 || tokensPerMinute < 0 || requestsPerDay < 0) {
            throw new IllegalArgumentException("a quota is 0 (none) or more, not " + requestsPerMinute
                    + " requests and " + tokensPerMinute + " tokens a minute, " + requestsPerDay + " requests a day");
        }
        if (window.toMillis() < 60) {
            throw new IllegalArgumentException("a window of " + window);
        }
        if (!(charactersPerToken > 0) || Double.isInfinite(charactersPerToken)) {
            throw new IllegalArgumentException(charactersPerToken + " characters a token");
        }
        Duration half = window.dividedBy(2);
        longestCall = longestCall.compareTo(half) < 0 ? half : longestCall;
    }

    /** Of a model that is sent the texts as they are, and answers within half a window. */
    QuotaLimits(
            int requestsPerMinute,
            int tokensPerMinute,
            int requestsPerDay,
            boolean perItem,
            Duration window,
            double charactersPerToken) {
        this(
                requestsPerMinute,
                tokensPerMinute,
                requestsPerDay,
                perItem,
                window,
                charactersPerToken,
                "",
                window.dividedBy(2));
    }

    /** Whether there is any quota to keep. */
    boolean isLimited() {
        return requestsPerMinute > 0 || tokensPerMinute > 0 || requestsPerDay > 0;
    }
}
