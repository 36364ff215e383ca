package dev.sluice.embedder;

import java.util.List;

/** Leave to make one call, to be closed when it is answered or has failed: from then on its charge ages. */
final class Permit implements AutoCloseable {
    private final Quota quota;
    private final int texts;
    private final List<SharedLimit.Part> parts;
    private boolean over;

    Permit(Quota quota, int texts, List<SharedLimit.Part> parts) {
        this.quota = quota;
        this.texts = texts;
        this.parts = parts;
    }

    /** @return how many of the texts asked for, from the first on, the call may carry; 1 or more */
    int texts() {
        return texts;
    }

    /** The call is answered, or has failed: the provider may have counted it either way. */
    @Override
    public void close() {
        end(() -> parts.forEach(SharedLimit.Part::finish));
    }

    /** The call was not made. */
    void giveBack() {
        end(() -> parts.forEach(SharedLimit.Part::withdraw));
    }

    private void end(Runnable how) {
        quota.settle(() -> {
            if (!over) {
                over = true;
                how.run();
            }
        });
    }
}
