package dev.sluice.cli;

import java.nio.file.Path;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The head of all commands; alone it does nothing but name them. */
@Command(
        name = "sluice",
        description = "Classifies a stream of posts on Kafka.",
        versionProvider = SluiceVersion.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            ProduceCommand.class,
            TailCommand.class,
            ClassifyCommand.class,
            LabelCommand.class,
            TrainCommand.class,
            ReembedCommand.class,
            ModelsCommand.class,
            ReportCommand.class,
            DeployCommand.class,
            UndeployCommand.class,
            CompareCommand.class,
            RollbackCommand.class,
            PinCommand.class,
            UnpinCommand.class,
            HistoryCommand.class,
            ReplayCommand.class,
            EvaluationsCommand.class,
            DlqCommand.class,
            ForgetCommand.class,
            KeysCommand.class,
            TopicsCommand.class,
            StatusCommand.class,
            DoctorCommand.class,
            HelpCommand.class
        })
final class SluiceCommand implements Runnable {
    /** Read by logback when the first logger is made, so it is set before any command works. */
    private static final String LOG_CONFIGURATION = "logback.configurationFile";

    private static final String LOG_FILE = "sluice.log.file";

    /** These have a log of their own; a file that several processes write to cannot be rolled. */
    private static final Set<String> LONG_RUNNING = Set.of("up", "demo");

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and end.")
    @SuppressWarnings("unused") // picocli acts on it
    private boolean help;

    /** Of the head alone: below it the word means a model's. */
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show which Sluice this is and end.")
    @SuppressWarnings("unused")
    private boolean version;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "When something fails, show where in the code.")
    private boolean verbose;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Whether traces are wanted. */
    boolean verbose() {
        return verbose;
    }

    /** Where state lies if nobody says otherwise: data of the embedded broker, and logs. */
    static Path home() {
        return Path.of(System.getProperty("user.home"), ".sluice");
    }

    /** Warnings go to a file, never between a command's lines. */
    static int runWithLog(ParseResult parsed) {
        ParseResult command = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
        Path folder = command.matchedOptionValue("--data-dir", home());
        String name = command.commandSpec().name();
        System.setProperty(LOG_CONFIGURATION, "dev/sluice/cli/logback-cli.xml");
        System.setProperty(
                LOG_FILE,
                folder.resolve("log")
                        .resolve(LONG_RUNNING.contains(name) ? name : "commands")
                        .toString());
        return new CommandLine.RunLast().execute(parsed);
    }
}
