package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortsTest {
    @Test
    void shouldGiveNoPortTwiceWhenNobodyListensYet() {
        List<Integer> ports = new ArrayList<>(Ports.free(6));
        ports.add(Ports.free());
        ports.add(Ports.free());

        assertThat(ports).doesNotHaveDuplicates().allMatch(port -> port >= 15_000 && port < 30_000);
    }

    @Test
    void shouldPassOverAPortWhenSomebodyListens() throws Exception {
        try (ServerSocket taken = new ServerSocket(Ports.free() + 1, 1, InetAddress.getLoopbackAddress())) {
            assertThat(Ports.free(3)).doesNotContain(taken.getLocalPort());
        }
    }
}
