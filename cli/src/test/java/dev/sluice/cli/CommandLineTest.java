package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line itself: no broker is asked. */
class CommandLineTest {
    @TempDir
    Path folder;

    static Stream<String> commands() {
        return all().getSubcommands().keySet().stream()
                .filter(name -> !Set.of("help", "keys").contains(name));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void shouldOfferTheSameConnectionOptionsWhenAnyCommandIsAskedForHelp(String command) {
        CommandRun run = CommandRun.of(command, "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("--bootstrap-server")
                .contains("--command-config")
                .contains("--prefix")
                .contains("--classifier")
                .contains("--json")
                .contains("--verbose");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bogus",
                "classify",
                "deploy",
                "deploy one",
                "deploy 1 2",
                "rollback 1",
                "pin one",
                "unpin 1",
                "history 1",
                "tail --timeout soon",
                "produce --rate -1",
                "produce --rate NaN",
                "produce --format xml",
                "produce --data bundled some.txt",
                "produce --data bundled --per-class 0",
                "replay",
                "replay --from tomorrow",
                "replay --from 2999-01-01",
                "replay --from 2h --max-rate -1",
                "replay --from 2h --status SOME",
                "replay --from 2h --resume r",
                "replay --resume r --version 1",
                "forget",
                "forget some-id",
                "topics --prefix a/b",
                "topics --classifier No",
                "up --port many",
                "label only-id",
                "label an-id a-label --withdraw",
                "reembed",
                "report one",
                "report 1 2",
                "models show",
                "reembed --to m --timeout soon"
            })
    void shouldSayOneLineAndWhereToLookWhenTheCommandLineIsWrong(String line) {
        CommandRun run = CommandRun.of(line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines().toList().get(0)).startsWith("sluice: ").hasSizeLessThan(250);
        assertThat(run.err()).contains("--help").doesNotContain("\tat ");
    }

    @Test
    void shouldNameTheCureWhenNoBrokerAnswers() {
        CommandRun run = CommandRun.of("topics", "--bootstrap-server", "127.0.0.1:1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines())
                .containsExactly(
                        "sluice: no Kafka broker answers at 127.0.0.1:1: start one with 'sluice up', or say where"
                                + " it is with --bootstrap-server");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:port", "no-such-host.invalid:9092"})
    void shouldSayWhatIsWrongWhenTheAddressIsNone(String address) {
        CommandRun run = CommandRun.of("topics", "--bootstrap-server", address);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains(address)
                .doesNotContain("Exception");
    }

    @Test
    void shouldNameTheFileWhenTheCommandConfigIsMissing() {
        CommandRun run = CommandRun.of("topics", "--command-config", "nothing.properties");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("nothing.properties").contains("there is no file nothing.properties");
    }

    @Test
    void shouldNameTheSettingWhenUpIsGivenOneThatNoServiceKnows() {
        CommandRun run = CommandRun.of("up", "--port", "0", "--data-dir", folder.toString(), "--set", "epoch=5");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("no service knows the setting epoch").contains("epochs");
    }

    @Test
    void shouldNameTheFolderWhenUpCannotUseIt() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        CommandRun run = CommandRun.of("up", "--port", "0", "--data-dir", file.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).singleElement().asString().contains("is a file, not a folder");
    }

    private static CommandLine all() {
        return Sluice.commandLine(new PrintWriter(new StringWriter()), new PrintWriter(new StringWriter()));
    }
}
