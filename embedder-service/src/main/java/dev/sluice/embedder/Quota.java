package dev.sluice.embedder;

final class Quota {
    boolean isLimited() {
        return false;
    }

    void take(int partition, int partitions, String note) {}

    String note(int partition) {
        return "";
    }

    String give(int partition) {
        return "";
    }

    void drop(int partition) {}
}
