package dev.sluice.cli;

/** Who types: named in the records that a person's command writes. */
final class Operator {
    private Operator() {}

    static String name() {
        return "sluice cli, " + System.getProperty("user.name", "somebody");
    }
}
