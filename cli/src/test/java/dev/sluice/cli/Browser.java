package dev.sluice.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A headless Chromium with one tab, driven by its DevTools protocol over a web socket: it opens a page as a person's browser does, and
 * tells what the page asked the network for and complained of.
 */
final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final String LISTENING = "DevTools listening on ws://";
    private static final long PATIENCE_SECONDS = 60;
    private static final JsonMapper JSON = new JsonMapper();

    private final Process process;
    private final WebSocket socket;
    private final BlockingQueue<JsonNode> heard;
    private final List<String> problems = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();
    private int sent;

    private Browser(Process process, WebSocket socket, BlockingQueue<JsonNode> heard) {
        this.process = process;
        this.socket = socket;
        this.heard = heard;
    }

    static boolean installed() {
        return Files.isExecutable(CHROMIUM);
    }

    /** @param profile an empty folder of its own */
    static Browser start(Path profile) throws Exception {
        Process process = new ProcessBuilder(
                        CHROMIUM.toString(),
                        "--headless",
                        "--no-sandbox", // tests may run as root; it opens our own files only
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-quic",
                        "--disable-sync",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            HttpClient http = HttpClient.newHttpClient();
            JsonNode tab = JSON.readTree(http.send(
                            HttpRequest.newBuilder(URI.create("http://" + address(process) + "/json/new?about:blank"))
                                    .PUT(HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body());
            BlockingQueue<JsonNode> heard = new LinkedBlockingQueue<>();
            WebSocket socket = http.newWebSocketBuilder()
                    .buildAsync(URI.create(tab.get("webSocketDebuggerUrl").asText()), new Ear(heard))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            Browser browser = new Browser(process, socket, heard);
            for (String part : List.of("Page", "Runtime", "Log", "Network")) {
                browser.call(part + ".enable", JsonNodeFactory.instance.objectNode());
            }
            return browser;
        } catch (Exception | Error e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Where it listens, as it says itself; what else it says is read and dropped. */
    private static String address(Process process) throws IOException {
        BufferedReader err = process.errorReader(StandardCharsets.UTF_8);
        for (String line = err.readLine(); line != null; line = err.readLine()) {
            if (line.contains(LISTENING)) {
                Thread drain = new Thread(() -> err.lines().forEach(each -> {}), "chromium-stderr");
                drain.setDaemon(true);
                drain.start();
                String rest = line.substring(line.indexOf(LISTENING) + LISTENING.length());
                return rest.substring(0, rest.indexOf('/'));
            }
        }
        throw new IOException("chromium ended before it listened");
    }

    /** Opens a file and waits until all of it is there. What was asked and complained of before is forgotten. */
    void open(Path file) throws Exception {
        problems.clear();
        requests.clear();
        call(
                "Page.navigate",
                JsonNodeFactory.instance.objectNode().put("url", file.toUri().toString()));
        while (!take().path("method").asText().equals("Page.loadEventFired")) {
            // goes on hearing
        }
    }

    /** Another window: of a phone, or for somebody who likes it dark. */
    void look(int width, boolean dark) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("width", width)
                        .put("height", 800)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", width < 600));
        ObjectNode media = JsonNodeFactory.instance.objectNode();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", dark ? "dark" : "light");
        call("Emulation.setEmulatedMedia", media);
    }

    /** What a line of JavaScript comes to in the page. The page itself may hold none; this comes from outside. */
    JsonNode ask(String script) throws Exception {
        JsonNode answer = call(
                "Runtime.evaluate",
                JsonNodeFactory.instance.objectNode().put("expression", script).put("returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(script + ": " + answer.get("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** Errors and warnings of the console since the page was opened. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** Every address that was asked for since the page was opened, its own first. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private JsonNode call(String method, ObjectNode params) throws Exception {
        int id = ++sent;
        ObjectNode message = JsonNodeFactory.instance.objectNode().put("id", id).put("method", method);
        message.set("params", params);
        socket.sendText(message.toString(), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        for (JsonNode answer = take(); ; answer = take()) {
            if (answer.path("id").asInt() == id) {
                if (answer.has("error")) {
                    throw new IOException(method + ": " + answer.get("error"));
                }
                return answer.get("result");
            }
        }
    }

    private JsonNode take() throws Exception {
        JsonNode message = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            throw new IOException("chromium says nothing any more");
        }
        JsonNode params = message.path("params");
        switch (message.path("method").asText()) {
            case "Network.requestWillBeSent" ->
                requests.add(params.path("request").path("url").asText());
            case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded" ->
                problems.add(params.toString());
            default -> {
                // an answer, or what nobody asked for
            }
        }
        return message;
    }

    /** Lets it end by itself, so that it is done with its folder. */
    @Override
    public void close() throws IOException {
        socket.sendText("{\"id\":0,\"method\":\"Browser.close\"}", true).join();
        process.onExit()
                .completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        process.destroyForcibly();
    }

    /** Puts messages together that come in pieces. */
    private static final class Ear implements WebSocket.Listener {
        private final BlockingQueue<JsonNode> heard;
        private final StringBuilder pieces = new StringBuilder();

        Ear(BlockingQueue<JsonNode> heard) {
            this.heard = heard;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            pieces.append(data);
            if (last) {
                try {
                    heard.add(JSON.readTree(pieces.toString()));
                } catch (IOException e) {
                    throw new AssertionError("not JSON: " + pieces, e);
                }
                pieces.setLength(0);
            }
            return WebSocket.Listener.super.onText(socket, data, last);
        }
    }
}
