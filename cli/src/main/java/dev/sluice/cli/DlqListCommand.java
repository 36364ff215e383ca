package dev.sluice.cli;

import picocli.CommandLine.Command;

/** What could not be processed, by reason. */
@Command(name = "list", description = "List dead letters by reason.")
final class DlqListCommand extends LetterListing {}
