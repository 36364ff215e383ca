package dev.sluice.cli;

import picocli.CommandLine.Command;

/** The head of what is done with keys. */
@Command(
        name = "keys",
        description = "Make keys that sign versions and deployments.",
        subcommands = {KeysNewCommand.class})
final class KeysCommand {}
