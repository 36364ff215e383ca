package dev.sluice.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/** What an orchestrator and Prometheus ask a service on the loopback. */
record Probe(int port) {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    static Probe at(int port) {
        return new Probe(port);
    }

    /** @throws UncheckedIOException if nobody listens */
    HttpResponse<String> get(String path) {
        try {
            return CLIENT.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until the answer says so. */
    void awaitReady(boolean ready, String reason) {
        Eventually.isTrue(
                () -> {
                    HttpResponse<String> now = get("/health/ready");
                    return now.statusCode() == (ready ? 200 : 503) && now.body().contains(reason);
                },
                () -> "last: " + get("/health/ready").body());
    }

    /** The lines of one metric. */
    List<String> samples(String start) {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(start))
                .toList();
    }

    /** Of the one sample whose line begins so. */
    double value(String start) {
        List<String> samples = samples(start);
        if (samples.size() != 1) {
            throw new AssertionError(start + ": " + samples);
        }
        return Double.parseDouble(samples.get(0).substring(samples.get(0).lastIndexOf(' ')));
    }
}
