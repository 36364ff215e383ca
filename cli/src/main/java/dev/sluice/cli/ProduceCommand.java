package dev.sluice.cli;

import dev.sluice.schemas.Post;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends posts: those of a data set, of files, or of stdin. */
@Command(name = "produce", description = "Send posts: those of --data, of files, or else the lines of stdin.")
final class ProduceCommand implements Callable<Integer> {
    /** A bar for what takes less than a moment would only flicker. */
    private static final int POSTS_WORTH_A_BAR = 2000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connectionOptions;

    @Mixin
    private DataOptions dataOptions;

    @Mixin
    private OutputOptions output;

    @Parameters(paramLabel = "FILE", description = "A post each, or JSON lines. Without any: stdin, a post a line.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "text, json (a post a line) or rfc822; by the file's ending if not given, text for stdin.")
    private Optional<PostInput.Format> format = Optional.empty();

    @Option(names = "--label", paramLabel = "LABEL", description = "The label of every post that has none.")
    private Optional<String> label = Optional.empty();

    @Option(names = "--target", paramLabel = "NUMBER", description = "The number of every post that has none.")
    private Optional<Double> target = Optional.empty();

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Posts a second. Without it: as fast as it goes.")
    private double rate;

    @Override
    public Integer call() {
        if (rate < 0 || !Double.isFinite(rate)) {
            throw new ParameterException(spec.commandLine(), "--rate is 0 or more posts a second, not " + rate);
        }
        if (dataOptions.namesFile() && !files.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "either --data or files, not both");
        }
        if (target.filter(number -> !Double.isFinite(number)).isPresent()) {
            throw new ParameterException(spec.commandLine(), "--target is a finite number, not " + target.get());
        }
        if (dataOptions.namesFile() && (label.isPresent() || target.isPresent())) {
            throw new ParameterException(
                    spec.commandLine(), "--label and --target are for files and stdin: --data has its own");
        }
        List<Post> data = dataOptions.namesFile() ? sample() : List.of();
        try (Connection connection = Connection.open(connectionOptions)) {
            var topic = connection.topics().posts();
            connection.require(topic);
            try (Sending sending = new Sending(connection.producer(), topic, rate)) {
                if (dataOptions.namesFile()) {
                    sendData(data, sending);
                } else {
                    sendInput(sending::send);
                }
                sending.finish();
                report(sending, topic.name());
            }
        }
        return ExitCode.OK;
    }

    private List<Post> sample() {
        DataSet sample = dataOptions.sample();
        sample.note().ifPresent(output::note);
        return sample.posts();
    }

    private void sendData(List<Post> posts, Sending sending) {
        boolean slow = posts.size() >= POSTS_WORTH_A_BAR || rate > 0;
        if (!slow || output.json() || !Terminal.err()) {
            posts.forEach(sending::send);
            return;
        }
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("posts")
                .setInitialMax(posts.size())
                .showSpeed()
                .build()) {
            posts.forEach(post -> {
                sending.send(post);
                bar.step();
            });
        }
    }

    private void sendInput(Consumer<Post> to) {
        PostInput input = new PostInput(label, target);
        if (files.isEmpty()) {
            if (Terminal.in()) {
                output.note("type a post a line; Ctrl-D ends");
            }
            input.readStdin(System.in, format.orElse(PostInput.Format.TEXT), to);
        }
        files.forEach(file -> input.readFile(file, format.orElseGet(() -> PostInput.Format.of(file)), to));
    }

    private void report(Sending sending, String topic) {
        if (output.json()) {
            output.line(OutputOptions.object()
                    .put("topic", topic)
                    .put("posts", sending.sent())
                    .put("seconds", Math.round(sending.seconds() * 1000) / 1000.0));
        } else {
            output.line(String.format(
                    Locale.ROOT, "%,d posts sent to %s in %.1f s", sending.sent(), topic, sending.seconds()));
        }
    }
}
