package dev.sluice.cli;

import dev.sluice.schemas.SigningKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes a pair of keys: the private one into a file that only its owner may read, the public one beside it. */
@Command(
        name = "new",
        description = "Make a pair of Ed25519 keys: FILE to sign with, FILE.pub for those who are to trust it.")
final class KeysNewCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions output;

    @Parameters(index = "0", paramLabel = "FILE", description = "The private key's; it must not be there yet.")
    private Path file;

    @Override
    public Integer call() {
        SigningKey key = SigningKey.generate();
        Path publicFile = Path.of(file + ".pub");
        write(file, key.toPem(), ownerOnly());
        writeBeside(publicFile, key.publicPem());
        if (output.json()) {
            output.line(OutputOptions.object()
                    .put("id", key.id())
                    .put("privateKey", file.toString())
                    .put("publicKey", publicFile.toString()));
        } else {
            output.line("key " + key.id() + ": keep " + file + " secret (models.signing.key), and trust " + publicFile
                    + " (models.trusted.keys)");
        }
        return ExitCode.OK;
    }

    /** Both or none: a private key left alone would keep the next try from its name. */
    private void writeBeside(Path publicFile, String text) {
        try {
            write(publicFile, text);
        } catch (CommandException e) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    /** Never over a key that is there: what it signed could not be signed again. */
    private static void write(Path path, String text, FileAttribute<?>... attributes) {
        try (var channel = Files.newByteChannel(
                path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
            channel.write(java.nio.charset.StandardCharsets.US_ASCII.encode(text));
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(path + " is there already: choose another name", e);
        } catch (IOException e) {
            throw new CommandException("cannot write " + path + " (" + e + "): choose another", e);
        }
    }
}
