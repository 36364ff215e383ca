package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code sluice} in a tree of its own, with a Java and a Maven that only say what they were asked. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    @TempDir
    Path folder;

    private Path tree;
    private Path tools;

    @BeforeEach
    void plant() throws Exception {
        tree = Files.createDirectories(folder.resolve("a tree"));
        tools = Files.createDirectories(folder.resolve("tools"));
        Files.copy(Path.of("..", "sluice"), tree.resolve("sluice"));
        for (String module : List.of("schemas", "embedder-service", "trainer-service", "classifier-stream", "cli")) {
            Files.createDirectories(tree.resolve(module).resolve("src/main"));
            Files.createFile(tree.resolve(module).resolve("pom.xml"));
        }
        Files.createFile(tree.resolve("pom.xml"));
        java("17");
        tool("javac", "");
        tool(
                "mvn",
                "echo mvn \"$@\" >>\"" + folder + "/mvn.log\"; mkdir -p cli/target/lib; touch cli/target/cli-1.jar");
    }

    @Test
    void shouldBuildOnFirstUseOnlyWhenNothingChanges() throws Exception {
        Run first = sluice("tail", "--json");
        Run second = sluice("tail");

        assertThat(first.output()).contains("sluice: building").contains("dev.sluice.cli.Sluice tail --json");
        assertThat(second.output()).doesNotContain("building").contains("dev.sluice.cli.Sluice tail");
        assertThat(Files.readAllLines(folder.resolve("mvn.log")))
                .hasSize(1)
                .first()
                .asString()
                .contains("-Dquick");
    }

    @Test
    void shouldBuildAgainWithoutOldJarsWhenSourcesChanged() throws Exception {
        sluice("tail");
        Path old = Files.createFile(tree.resolve("cli/target/lib/old-1.jar"));
        Path source = Files.createFile(tree.resolve("schemas/src/main/New.java"));
        Files.setLastModifiedTime(source, FileTime.from(Instant.parse("2100-01-01T00:00:00Z")));

        assertThat(sluice("tail").output()).contains("building");
        assertThat(old).doesNotExist();
    }

    @Test
    void shouldShowWhatMavenSaidWhenTheBuildFails() throws Exception {
        tool("mvn", "echo 'the reason'; exit 1");

        Run run = sluice("tail");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output())
                .contains("the reason")
                .contains("sluice: the build failed")
                .doesNotContain("dev.sluice");
    }

    @Test
    void shouldFindItsTreeWhenCalledByALinkFromElsewhere() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a tree", "sluice"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), link);

        Run run = run(List.of(second.toString(), "classify", "two  words"), Path.of("/"));

        assertThat(run.output()).contains(tree + "/cli/target/cli-1.jar:" + tree + "/cli/target/lib/*");
        assertThat(run.output()).contains("dev.sluice.cli.Sluice classify two  words");
    }

    @ParameterizedTest
    @CsvSource({"1.8, 8", "11, 11", "16, 16"})
    void shouldSayWhichJavaIsNeededWhenItIsTooOld(String version, String feature) throws Exception {
        java(version);

        Run run = sluice("tail");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.output().strip())
                .isEqualTo("sluice: Java 17 or newer is needed, " + tools + "/bin/java is " + feature
                        + ": install one, or set JAVA_HOME to one");
    }

    @ParameterizedTest
    @CsvSource({"17, false", "23, false", "24, true", "25, true"})
    void shouldAllowNativeLibrariesWhenJavaAsksForIt(String version, boolean allowed) throws Exception {
        java(version);

        Run run = sluice("tail");

        assertThat(run.exitCode()).isZero();
        assertThat(run.output().contains("--enable-native-access=ALL-UNNAMED")).isEqualTo(allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"up", "tail"})
    void shouldHaveJavaMakeNoObjectOfAStreamWhenItStarts(String command) throws Exception {
        assertThat(sluice(command).output()).contains(" -Djdk.serialFilter=!* ");
    }

    @Test
    void shouldSayWhatIsMissingWhenThereIsNoMavenOrCompiler() throws Exception {
        Files.delete(tools.resolve("bin/mvn"));
        assertThat(sluice("tail").output()).contains("sluice: there is no mvn");

        tool("mvn", "");
        Files.delete(tools.resolve("bin/javac"));
        assertThat(sluice("tail").output()).contains("sluice: a JDK is needed to build");

        Files.delete(tools.resolve("bin/java"));
        assertThat(sluice("tail").output()).contains("sluice: there is no Java");
    }

    private void java(String version) throws Exception {
        tool(
                "java",
                "if [ \"$1\" = -XshowSettings:properties ]; then echo '    java.specification.version = " + version
                        + "' >&2; else echo java \"$@\"; fi");
    }

    private void tool(String name, String script) throws Exception {
        Path file = Files.createDirectories(tools.resolve("bin")).resolve(name);
        Files.writeString(file, "#!/bin/bash\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private record Run(int exitCode, String output) {}

    private Run sluice(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(tree.resolve("sluice").toString()));
        command.addAll(List.of(arguments));
        return run(command, folder);
    }

    /** Finds the tools of this test, and of the system only what no Java or Maven lies beside. */
    private Run run(List<String> command, Path where) throws Exception {
        Path plain = Files.createDirectories(folder.resolve("plain"));
        for (String tool : List.of(
                "bash", "env", "dirname", "readlink", "sed", "find", "mktemp", "rm", "touch", "date", "cat", "mkdir")) {
            Path link = plain.resolve(tool);
            if (!Files.exists(link)) {
                Files.createSymbolicLink(
                        link, Path.of(Files.exists(Path.of("/usr/bin", tool)) ? "/usr/bin" : "/bin", tool));
            }
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", tools.toString());
        builder.environment().put("PATH", tools.resolve("bin") + File.pathSeparator + plain);
        builder.environment().remove("JAVA_OPTS");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), output);
    }
}
