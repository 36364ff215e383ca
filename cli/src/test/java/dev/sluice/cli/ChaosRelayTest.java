package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ChaosRelayTest {
    private static final int A_MOMENT_MILLIS = 100;

    private ServerSocket server;
    private ChaosRelay relay;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        relay = ChaosRelay.to(server.getLocalPort());
    }

    @AfterEach
    void close() throws IOException {
        relay.close();
        server.close();
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), relay.port());
    }

    private static void say(Socket socket, int value) throws IOException {
        socket.getOutputStream().write(value);
    }

    private static int hear(Socket socket) throws IOException {
        return socket.getInputStream().read();
    }

    @Test
    void shouldPassBytesBothWays() throws IOException {
        try (Socket client = connect();
                Socket service = server.accept()) {
            say(client, 1);
            assertThat(hear(service)).isEqualTo(1);
            say(service, 2);
            assertThat(hear(client)).isEqualTo(2);
        }
    }

    @Test
    void shouldResetConnectionsAndTakeNoneWhenItIsCutUntilItIsHealed() throws IOException {
        try (Socket client = connect();
                Socket service = server.accept()) {
            relay.cut();
            assertThatThrownBy(() -> hear(client)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> hear(service)).isInstanceOf(IOException.class);
        }
        try (Socket client = connect()) {
            assertThatThrownBy(() -> hear(client)).isInstanceOf(IOException.class);
        }
        relay.heal();
        shouldPassBytesBothWays();
    }

    @Test
    void shouldHoldBytesBackWhenItIsSilentUntilItIsHealed() throws IOException {
        try (Socket client = connect();
                Socket service = server.accept()) {
            relay.silence();
            say(client, 1);
            service.setSoTimeout(A_MOMENT_MILLIS);
            assertThatThrownBy(() -> hear(service)).isInstanceOf(SocketTimeoutException.class);
            service.setSoTimeout(0);
            relay.heal();
            assertThat(hear(service)).isEqualTo(1);
        }
    }

    @Test
    void shouldHoldBytesBackForAWhileWhenItIsSlow() throws IOException {
        try (Socket client = connect();
                Socket service = server.accept()) {
            relay.slowDown(2 * A_MOMENT_MILLIS);
            long start = System.nanoTime();
            say(client, 1);
            assertThat(hear(service)).isEqualTo(1);
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(2 * A_MOMENT_MILLIS * 1_000_000L);
        }
    }

    @Test
    void shouldEndTheConnectionWhenNobodyListensBehind() throws IOException {
        server.close();
        try (Socket client = connect()) {
            assertThatThrownBy(() -> assertThat(hear(client)).isNotEqualTo(-1))
                    .isInstanceOfAny(IOException.class, AssertionError.class);
        }
    }
}
