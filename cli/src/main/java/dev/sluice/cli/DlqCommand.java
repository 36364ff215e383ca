package dev.sluice.cli;

import picocli.CommandLine.Command;

/** Alone it lists, as its first subcommand does. */
@Command(
        name = "dlq",
        description = "List dead letters by reason; show one, send them again.",
        subcommands = {DlqListCommand.class, DlqShowCommand.class, DlqRedriveCommand.class})
final class DlqCommand extends LetterListing {}
