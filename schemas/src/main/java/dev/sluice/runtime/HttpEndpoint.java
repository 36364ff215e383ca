package dev.sluice.runtime;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service's health and metrics over HTTP, for orchestrators and Prometheus: the server that comes with the JDK, since
 * three answers need no other. It has no secrets to tell and takes no orders, so it asks nobody who they are.
 *
 * <p>{@code GET /health/live} and {@code /health/ready} answer 200 or 503, with {@code {"live":..,"ready":..,"reason":..}};
 * {@code GET /metrics} in Prometheus's text format 0.0.4.
 */
public final class HttpEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int THREADS = 4; // a reader that stalls keeps one

    static {
        // So that it keeps it for seconds, not for ever. Read once, by the first server of the JVM.
        for (String limit : new String[] {"sun.net.httpserver.maxReqTime", "sun.net.httpserver.maxRspTime"}) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, "10");
            }
        }
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final Supplier<Health> health;
    private final Supplier<String> metrics;

    private HttpEndpoint(HttpServer server, Supplier<Health> health, Supplier<String> metrics) {
        this.server = server;
        this.health = health;
        this.metrics = metrics;
        this.threads = Executors.newFixedThreadPool(THREADS, HttpEndpoint::daemon);
    }

    /**
     * Listens where {@code http.host} and {@code http.port} say, if they do.
     *
     * @param health asked at each request
     * @throws ConfigException if nothing can listen there: the port is taken, or the address is another machine's
     */
    public static Optional<HttpEndpoint> start(
            ServiceConfig config, Supplier<Health> health, PrometheusMeterRegistry registry) {
        return config.httpAddress().map(address -> {
            HttpEndpoint endpoint = new HttpEndpoint(listen(address), health, registry::scrape);
            endpoint.server.setExecutor(endpoint.threads);
            endpoint.server.createContext("/", endpoint::answer);
            endpoint.server.start();
            LOG.info("health and metrics are at http://{}:{}", address.getHostString(), endpoint.port());
            return endpoint;
        });
    }

    private static HttpServer listen(InetSocketAddress address) {
        try {
            return HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new ConfigException(
                    ServiceConfig.HTTP_PORT,
                    address.getPort(),
                    "nothing can listen there on " + address.getHostString() + " (" + e.getMessage()
                            + "): choose another, 0 for any free one, or another " + ServiceConfig.HTTP_HOST);
        }
    }

    /** Where it listens, 1 to 65535. */
    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET");
                send(exchange, 405, "text/plain", "only GET is answered\n");
                return;
            }
            Health now = health.get();
            switch (exchange.getRequestURI().getPath()) { // contexts would match all paths that begin so
                case "/health/live" -> sendHealth(exchange, now.live(), now);
                case "/health/ready" -> sendHealth(exchange, now.ready(), now);
                case "/metrics" -> send(exchange, 200, "text/plain; version=0.0.4", metrics.get());
                default -> send(exchange, 404, "text/plain", "there are /health/live, /health/ready and /metrics\n");
            }
        }
    }

    private static void sendHealth(HttpExchange exchange, boolean good, Health health) throws IOException {
        send(exchange, good ? 200 : 503, "application/json", JSON.writeValueAsString(health) + "\n");
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type + (type.startsWith("text/") ? "; charset=utf-8" : ""));
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "sluice-http");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
