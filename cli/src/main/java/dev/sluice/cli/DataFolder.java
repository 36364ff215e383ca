package dev.sluice.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A folder that one process owns while it runs. The lock is the operating system's, so a process that was killed leaves
 * none behind; the file's text only tells people who holds it.
 */
final class DataFolder implements AutoCloseable {
    private static final String LOCK_FILE = "sluice.lock";

    private final Path path;
    private final FileChannel channel;

    private DataFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Makes the folder where it is missing, and locks it.
     *
     * @throws CommandException if it cannot be written, or another process has it
     */
    static DataFolder lock(Path path) {
        Path folder = path.toAbsolutePath().normalize();
        try {
            Files.createDirectories(folder);
            FileChannel channel = FileChannel.open(
                    folder.resolve(LOCK_FILE),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            if (!locked(channel)) {
                String owner = ownerIn(channel);
                channel.close();
                throw new CommandException("the folder " + folder + " is in use by another sluice" + owner
                        + ": stop it first, or choose another folder with --data-dir");
            }
            try {
                channel.truncate(0);
                channel.write(ByteBuffer.wrap(
                        Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
            } catch (IOException e) { // a full disk: what is not used is not to be held
                channel.close();
                throw e;
            }
            return new DataFolder(folder, channel);
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(e.getFile() + " is a file, not a folder: choose another with --data-dir", e);
        } catch (AccessDeniedException e) {
            throw new CommandException(
                    "no permission to write to " + e.getFile() + ": choose another folder with --data-dir", e);
        } catch (IOException e) {
            throw new CommandException(
                    "cannot write to the folder " + folder + " (" + e
                            + "): choose another with --data-dir, or make room",
                    e);
        }
    }

    Path path() {
        return path;
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by this very process
        }
    }

    private static String ownerIn(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(20);
        channel.read(text, 0);
        String pid = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).trim();
        return pid.isEmpty() ? "" : " (process " + pid + ")";
    }

    @Override
    public void close() {
        try {
            channel.close(); // frees the lock
        } catch (IOException e) {
            throw new CommandException("cannot release the folder " + path, e);
        }
    }
}
