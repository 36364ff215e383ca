package dev.sluice.cli;

import dev.sluice.schemas.UnreadableRecordException;
import java.io.PrintWriter;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** What people are told when a command fails: one line on stderr that names the thing and the cure. */
final class Failures {
    private Failures() {}

    /** A wrong command line: exit code 2. */
    static int ofUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("sluice: " + firstLine(e.getMessage()));
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
        return ExitCode.USAGE;
    }

    /** A command that could not do its work: exit code 1. */
    static int ofCommand(Exception e, CommandLine command, ParseResult parsed) {
        Throwable cause = unwrapped(e);
        command.getErr().println("sluice: " + lineOf(cause));
        if (parsed.commandSpec().userObject() instanceof SluiceCommand head && head.verbose()) {
            e.printStackTrace(command.getErr());
        }
        if (!(cause instanceof CommandException)) {
            Logger log = LoggerFactory.getLogger(Failures.class);
            log.error("{} failed", command.getCommandName(), e);
        }
        return ExitCode.SOFTWARE;
    }

    static String lineOf(Throwable cause) {
        String said = firstLine(String.valueOf(cause.getMessage()));
        if (cause instanceof CommandException || cause instanceof UnreadableRecordException) {
            return said;
        }
        if (cause instanceof ConfigException) {
            return said + ": correct the setting";
        }
        if (cause instanceof AuthenticationException) {
            return "the broker does not accept who we say we are (" + said + "): check the file of --command-config";
        }
        if (cause instanceof AuthorizationException) {
            return "the broker does not allow this (" + said + "): ask for the rights, or use another user";
        }
        if (cause instanceof UnknownTopicOrPartitionException) {
            return "a topic is missing (" + said + "): start the services first (sluice up), or check --prefix";
        }
        if (cause instanceof RecordTooLargeException) {
            return said + ": the topic takes no larger records";
        }
        if (cause instanceof TimeoutException) {
            return "Kafka did not answer in time (" + said + "): check that the broker is well and reachable";
        }
        if (cause instanceof KafkaException && cause.getCause() instanceof ConfigException config) {
            return lineOf(config);
        }
        if (cause instanceof InterruptedException) {
            return "interrupted";
        }
        return cause.getClass().getSimpleName() + ": " + said + " (--verbose shows where)";
    }

    private static Throwable unwrapped(Throwable e) {
        Throwable cause = e;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static String firstLine(String text) {
        return text.strip().lines().findFirst().orElse("no reason given");
    }
}
