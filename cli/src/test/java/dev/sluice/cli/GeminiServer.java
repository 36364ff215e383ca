package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands in for the Gemini API and really keeps its quota, whoever and however many call. {@link GeminiSettings} says how it
 * behaves, {@link #report} what it has seen. In a process of its own it is asked over HTTP: {@code GET /stub/report} and
 * {@code /stub/payments}, {@code POST /stub/down}, {@code /stub/up} and {@code /stub/new-day}.
 */
final class GeminiServer implements AutoCloseable {
    static {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else each answer waits 40 ms for an ACK
    }

    private final JsonMapper mapper = new JsonMapper();
    private final GeminiProject project;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "gemini-server");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean down;
    private volatile Optional<GeminiAnswers.Answer> instead = Optional.empty();

    private GeminiServer(GeminiSettings settings, Clock clock) throws IOException {
        this.project = new GeminiProject(settings, clock);
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()), 0);
        server.createContext("/", this::embed);
        server.createContext("/stub/", this::control);
        server.setExecutor(threads);
        server.start();
    }

    /** @param namesAndValues see {@link GeminiSettings#of} */
    static GeminiServer start(String... namesAndValues) throws IOException {
        return start(Clock.systemUTC(), namesAndValues);
    }

    static GeminiServer start(Clock clock, String... namesAndValues) throws IOException {
        return new GeminiServer(GeminiSettings.of(namesAndValues), clock);
    }

    /** Says where it is on its first line, and runs until it is killed. */
    @SuppressWarnings("resource") // open as long as the process lives
    public static void main(String[] args) throws IOException, InterruptedException {
        System.out.println(start(args).url());
        Thread.currentThread().join();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What an embedder is told to ask this server: vectors of 128 numbers. */
    Map<String, String> embedderSettings() {
        return Map.of(
                "embedding.provider",
                "gemini",
                "embedding.dimensions",
                "128",
                "gemini.api.key",
                Unsaid.KEY,
                "gemini.base.url",
                url());
    }

    /** From now on every connection is closed without an answer, and nothing is charged; or no more. */
    void down(boolean isDown) {
        down = isDown;
    }

    /** From now on every call is answered with this, and nothing is charged; with nothing, as ever. */
    void answerInstead(Optional<GeminiAnswers.Answer> answer) {
        instead = answer;
    }

    /** The next so many calls are charged and answered with 500 or 503. */
    void failNext(int calls) {
        project.failNext(calls);
    }

    /** From now on no key is good. */
    void refuseKey() {
        project.refuseKey();
    }

    /** Midnight, at once. */
    void newDay() {
        project.quota().newDay();
    }

    /** What this text cost so far, in the order of time. */
    List<GeminiBill.Payment> payments(String text) {
        return project.bill().of(text);
    }

    GeminiBill bill() {
        return project.bill();
    }

    GeminiProject.Report report() {
        return project.report();
    }

    private void embed(HttpExchange exchange) throws IOException {
        try (exchange) { // closed before an answer began or was complete, the connection is closed too
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (down) {
                return;
            }
            Optional<GeminiAnswers.Answer> other = instead;
            if (other.isPresent()) {
                send(exchange, other.get(), 1);
                return;
            }
            String key = Optional.ofNullable(exchange.getRequestHeaders().getFirst("x-goog-api-key"))
                    .orElse("");
            GeminiProject.Reply reply =
                    project.reply(key, exchange.getRequestURI().getPath(), body);
            if (reply.share() == 0) {
                return;
            }
            try {
                send(exchange, reply.answer(), reply.share());
            } catch (IOException e) {
                reply.onFailure().run();
                throw e;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void control(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request =
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
            switch (request) {
                case "POST /stub/down" -> down(true);
                case "POST /stub/up" -> down(false);
                case "POST /stub/new-day" -> newDay();
                default -> {}
            }
            String body = mapper.writeValueAsString(request.equals("GET /stub/payments") ? bill().all() : report());
            send(exchange, new GeminiAnswers.Answer(200, body), 1);
        }
    }

    private static void send(HttpExchange exchange, GeminiAnswers.Answer answer, double share) throws IOException {
        byte[] body = answer.body().getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body, 0, (int) (body.length * share));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
