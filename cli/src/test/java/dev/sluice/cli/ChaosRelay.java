package dev.sluice.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The wire between two processes, which can be cut, fall silent, or be slow. Cut: every connection is reset and none can be
 * made. Silent: connections stay and nothing comes through, as when a cable is pulled; what was sent arrives later. A thread
 * for each direction of each connection, since there are a few dozen at most.
 */
final class ChaosRelay implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private boolean cut;
    private boolean silent;
    private long delayMillis;

    private ChaosRelay(ServerSocket server, int target) {
        this.server = server;
        this.target = target;
        daemon(this::accept);
    }

    /** @param target a port on the loopback; nobody need listen there yet */
    static ChaosRelay to(int target) {
        try {
            return new ChaosRelay(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()), target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return server.getLocalPort();
    }

    synchronized void cut() {
        cut = true;
        open.forEach(this::reset);
        notifyAll();
    }

    synchronized void silence() {
        silent = true;
    }

    /** @param millis that each piece takes on its way, in either direction */
    synchronized void slowDown(long millis) {
        delayMillis = millis;
    }

    /** As if nothing had been. */
    synchronized void heal() {
        cut = false;
        silent = false;
        delayMillis = 0;
        notifyAll();
    }

    private void accept() {
        try {
            while (true) {
                connect(server.accept());
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void connect(Socket client) {
        open.add(client);
        daemon(() -> {
            try {
                if (isCut()) {
                    reset(client);
                    return;
                }
                Socket service = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(service);
                if (isCut()) { // meanwhile, so that it may have missed the second one
                    reset(client);
                    reset(service);
                    return;
                }
                client.setTcpNoDelay(true);
                service.setTcpNoDelay(true);
                daemon(() -> pump(client, service));
                pump(service, client);
            } catch (IOException e) {
                reset(client); // nobody listens
            }
        });
    }

    private void pump(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                awaitPassage();
                out.write(chunk, 0, read);
            }
        } catch (IOException e) {
            // one side is gone, so the other is to go too
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            reset(from);
            reset(to);
        }
    }

    private void awaitPassage() throws InterruptedException {
        long delay;
        synchronized (this) {
            while (silent && !cut) {
                wait();
            }
            delay = delayMillis;
        }
        TimeUnit.MILLISECONDS.sleep(delay); // the one thing that a slow wire does
    }

    private synchronized boolean isCut() {
        return cut;
    }

    private void reset(Socket socket) {
        open.remove(socket);
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // closed already
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }
}
