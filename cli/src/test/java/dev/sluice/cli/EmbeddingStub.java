package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands in for the Gemini API: one vector of two numbers for each text, or a failure where it is told so. */
final class EmbeddingStub implements AutoCloseable {
    private final JsonMapper mapper = new JsonMapper();
    private final HttpServer server;
    private final AtomicInteger failures = new AtomicInteger();
    private volatile boolean refusesKey;

    private EmbeddingStub(HttpServer server) {
        this.server = server;
    }

    static EmbeddingStub start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        EmbeddingStub stub = new EmbeddingStub(server);
        server.createContext("/", stub::handle);
        server.start();
        return stub;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void failNext(int calls) {
        failures.set(calls);
    }

    void refuseKey() {
        refusesKey = true;
    }

    private void handle(HttpExchange exchange) throws IOException {
        int texts = mapper.readTree(exchange.getRequestBody()).path("requests").size();
        if (refusesKey) {
            answer(
                    exchange,
                    400,
                    "{\"error\":{\"code\":400,\"message\":\"API key not valid\",\"status\":\"INVALID\"}}");
        } else if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            answer(exchange, 503, "{\"error\":{\"code\":503,\"message\":\"overloaded\",\"status\":\"UNAVAILABLE\"}}");
        } else {
            answer(
                    exchange,
                    200,
                    "{\"embeddings\":["
                            + String.join(",", Collections.nCopies(texts, "{\"values\":[0.6,0.8]}"))
                            + "]}");
        }
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
