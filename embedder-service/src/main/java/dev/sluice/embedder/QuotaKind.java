package dev.sluice.embedder;

/** The quotas that a provider sets, each with a sign for notes, a name for meters, and the setting to name in errors. */
enum QuotaKind {
    REQUESTS('r', "requests", EmbedderConfig.REQUESTS_PER_MINUTE),
    TOKENS('t', "tokens", EmbedderConfig.TOKENS_PER_MINUTE),
    DAY('d', "day", EmbedderConfig.REQUESTS_PER_DAY);

    private final char sign;
    private final String tag;
    private final String setting;

    QuotaKind(char sign, String tag, String setting) {
        this.sign = sign;
        this.tag = tag;
        this.setting = setting;
    }

    char sign() {
        return sign;
    }

    String tag() {
        return tag;
    }

    String setting() {
        return setting;
    }
}
