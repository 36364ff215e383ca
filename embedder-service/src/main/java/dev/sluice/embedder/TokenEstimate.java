package dev.sluice.embedder;

/**
 * How many tokens a text has for the provider, roughly. Latin letters share a token among several; elsewhere
 * (Chinese, Japanese, Korean, emoji) each character may well be one. Rather too many than too few.
 *
 * @param charactersPerToken of Latin text, more than 0
 * @param maxTokens what the model reads of a text, 1 or more; the rest is neither read nor counted
 * @param prefix what is put before each text
 */
record TokenEstimate(double charactersPerToken, int maxTokens, String prefix) {
    /** Latin letters with all their accents come first in Unicode. */
    private static final int END_OF_LATIN = 0x250;

    TokenEstimate {
        if (!(charactersPerToken > 0) || maxTokens < 1) {
            throw new IllegalArgumentException(charactersPerToken + " characters a token, " + maxTokens + " tokens");
        }
    }

    /** @return 1 to the most that the model reads; with the prefix */
    int of(String text) {
        return (int) Math.max(1, Math.min(maxTokens, tokens(prefix) + tokens(text)));
    }

    private double tokens(String text) {
        long letters = 0;
        long others = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < END_OF_LATIN) {
                letters++;
            } else if (!Character.isLowSurrogate(c)) {
                others++;
            }
        }
        return others + Math.ceil(letters / charactersPerToken);
    }
}
