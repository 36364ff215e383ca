package dev.sluice.embedder;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Stands in for the Gemini API: gives the answers it was told to, in order, and keeps what it was asked. When there are no
 * more, it lets the caller wait.
 */
final class GeminiStub implements AutoCloseable {
    record Request(String method, String pathAndQuery, List<String> keyHeaders, String body) {}

    private record Answer(int status, Map<String, String> headers, String body) {}

    final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final HttpServer server;

    private GeminiStub(HttpServer server) {
        this.server = server;
    }

    static GeminiStub start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            GeminiStub stub = new GeminiStub(server);
            server.createContext("/", stub::handle);
            server.start();
            return stub;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    GeminiStub answer(int status, String body) {
        return answer(status, Map.of(), body);
    }

    GeminiStub answer(int status, Map<String, String> headers, String body) {
        answers.add(new Answer(status, headers, body));
        return this;
    }

    /** Closes the connection instead of an answer. */
    GeminiStub hangUp() {
        return answer(-1, "");
    }

    /** One vector for each list of numbers. */
    GeminiStub answerVectors(String... vectors) {
        StringBuilder body = new StringBuilder("{\"embeddings\":[");
        for (int i = 0; i < vectors.length; i++) {
            body.append(i == 0 ? "" : ",")
                    .append("{\"values\":[")
                    .append(vectors[i])
                    .append("]}");
        }
        return answer(200, body.append("]}").toString());
    }

    GeminiStub answerError(int status, String name, String message) {
        return answer(
                status,
                "{\"error\":{\"code\":" + status + ",\"message\":\"" + message + "\",\"status\":\"" + name + "\"}}");
    }

    private void handle(HttpExchange exchange) throws IOException {
        requests.add(new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                exchange.getRequestHeaders().getOrDefault("x-goog-api-key", List.of()),
                new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
        Answer answer = answers.poll();
        if (answer == null) {
            return;
        }
        if (answer.status() < 0) {
            exchange.close();
            return;
        }
        byte[] body = answer.body().getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        answer.headers().forEach(exchange.getResponseHeaders()::add);
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
