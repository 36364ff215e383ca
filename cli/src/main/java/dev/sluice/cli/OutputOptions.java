package dev.sluice.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command prints: for people, or with {@code --json} one object a line for scripts. */
final class OutputOptions {
    private static final JsonMapper JSON = new JsonMapper();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--json", description = "Print JSON, one object a line.")
    private boolean json;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and end.")
    @SuppressWarnings("unused") // picocli acts on it
    private boolean help;

    /** Whether scripts read. */
    boolean json() {
        return json;
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** One line of results. */
    void line(String text) {
        out().println(text);
    }

    /** One object of results. */
    void line(ObjectNode object) {
        try {
            out().println(JSON.writeValueAsString(object));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e); // cannot happen: the tree was built here
        }
    }

    /** What is no result: progress, hints. Goes to stderr, so that results can be piped on. */
    void note(String text) {
        command.commandLine().getErr().println(text);
    }

    /** Whether who read the results has gone, as {@code head} does. */
    boolean readerGone() {
        return out().checkError();
    }

    PrintWriter out() {
        return command.commandLine().getOut();
    }
}
