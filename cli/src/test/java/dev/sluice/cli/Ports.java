package dev.sluice.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Ports for servers that are told theirs before they listen, and for some that come back to them. They are below those that
 * the operating system gives to whoever connects, so that nobody takes one meanwhile.
 */
final class Ports {
    private static final int FIRST_PORT = 15_000;
    private static final int PORTS = 15_000;

    /** Where to look next; other processes look elsewhere first. */
    private static int next = (int) (ProcessHandle.current().pid() * 37 % PORTS);

    private Ports() {}

    /** One that nobody listens on, and that nobody in this process was given lately. */
    static int free() {
        return free(1).get(0);
    }

    static synchronized List<Integer> free(int count) {
        int first = next;
        List<Integer> ports = IntStream.range(0, PORTS)
                .map(i -> FIRST_PORT + (first + i) % PORTS)
                .filter(Ports::isFree)
                .limit(count)
                .boxed()
                .toList();
        if (ports.size() < count) {
            throw new IllegalStateException("too few ports are free");
        }
        next = ports.get(count - 1) - FIRST_PORT + 1;
        return ports;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 0, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
