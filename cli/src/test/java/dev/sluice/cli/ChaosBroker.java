package dev.sluice.cli;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;

/**
 * A broker for a process of its own. It has two listeners: that of the services, who are told the port of a relay in its
 * place, so that all they say goes through there; and one for the test, which nothing is done to. Ports and folder outlive
 * the process. Groups may have shorter sessions than Kafka allows by default, so that more happens in a minute.
 */
final class ChaosBroker {
    static final String READY = "the broker is ready";

    private ChaosBroker() {}

    /** @param relay the port that services are told */
    static Map<String, String> settings(Path folder, int port, int directPort, int relay) {
        return Map.of(
                "folder", folder.toString(),
                "port", Integer.toString(port),
                "direct", Integer.toString(directPort),
                "relay", Integer.toString(relay));
    }

    public static void main(String[] args) throws InterruptedException {
        Map<String, String> given = read(Path.of(args[0]));
        String direct = "DIRECT://127.0.0.1:" + given.get("direct");
        LocalBroker broker =
                LocalBroker.start(Path.of(given.get("folder")), Integer.parseInt(given.get("port")), settings -> {
                    settings.merge("listeners", direct, (mine, more) -> mine + "," + more);
                    settings.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + given.get("relay") + "," + direct);
                    settings.put(
                            "listener.security.protocol.map",
                            "PLAINTEXT:PLAINTEXT,DIRECT:PLAINTEXT,CONTROLLER:PLAINTEXT");
                    settings.put("inter.broker.listener.name", "DIRECT");
                    settings.put("group.min.session.timeout.ms", "1000");
                    return settings;
                });
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
        System.out.println(READY);
        try {
            broker.ended().get();
        } catch (ExecutionException e) {
            e.getCause().printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    /** The settings that a process was started with. */
    static Map<String, String> read(Path file) {
        try (Reader in = Files.newBufferedReader(file)) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.stringPropertyNames().stream()
                    .collect(Collectors.toMap(name -> name, properties::getProperty));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
