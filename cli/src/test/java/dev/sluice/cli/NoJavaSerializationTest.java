package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.classifier.ClassifierMain;
import dev.sluice.embedder.EmbedderMain;
import dev.sluice.schemas.Topics;
import dev.sluice.trainer.TrainerMain;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InvalidClassException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** Every compiled class of every module: none makes objects of a stream's bytes, and none asks to be made so. */
class NoJavaSerializationTest {
    /** Their readers make whatever object the bytes ask for; DL4J's reads such a stream out of a zip. */
    private static final Set<String> MAKERS = Set.of(
            "java.io.ObjectInputStream",
            "java.io.ObjectOutputStream",
            "java.beans.XMLDecoder",
            "java.beans.XMLEncoder",
            "java.rmi.MarshalledObject",
            "org.apache.commons.lang3.SerializationUtils",
            "org.deeplearning4j.util.ModelSerializer",
            "org.nd4j.common.util.SerializationUtils");

    /** It feeds known bytes to the making of a key pair, which asks for a {@link SecureRandom}, and that is serializable. */
    private static final String BY_BIRTH = "dev.sluice.schemas.SigningKey$Seed";

    private static final List<Class<?>> ONE_OF_EACH_MODULE =
            List.of(Topics.class, EmbedderMain.class, TrainerMain.class, ClassifierMain.class, Sluice.class);

    @Test
    void shouldNameNoReaderOfObjectsWhenAnyClassIsLookedAt() {
        Map<String, byte[]> classes = classes();

        assertThat(classes).as("whether the modules are looked at").hasSizeGreaterThan(500);
        assertThat(ONE_OF_EACH_MODULE).extracting(Class::getName).allMatch(classes::containsKey);
        Map<String, Set<String>> found = new TreeMap<>();
        classes.forEach((name, bytes) -> found.put(name, makersIn(bytes)));
        found.values().removeIf(Set::isEmpty);
        assertThat(found).isEmpty();
    }

    @Test
    void shouldBeSerializableOnlyAsAThrowableAnEnumOrAnAvroRecordWhenAnyClassIsLookedAt() {
        assertThat(classes().keySet().stream().filter(name -> isSerializable(loaded(name))))
                .containsExactly(BY_BIRTH);
    }

    private static Set<String> makersIn(byte[] classFile) {
        Set<String> found = new TreeSet<>(ClassNames.in(classFile));
        found.retainAll(MAKERS);
        return found;
    }

    private static boolean isSerializable(Class<?> type) {
        return Serializable.class.isAssignableFrom(type)
                && !Throwable.class.isAssignableFrom(type)
                && !Enum.class.isAssignableFrom(type)
                && !SpecificRecord.class.isAssignableFrom(type);
    }

    private static Class<?> loaded(String name) {
        try {
            return Class.forName(name, false, NoJavaSerializationTest.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    /** By name; of the modules' main code, be it in folders or jars. */
    private static Map<String, byte[]> classes() {
        Map<String, byte[]> classes = new TreeMap<>();
        for (Class<?> each : ONE_OF_EACH_MODULE) {
            try {
                Path place = Path.of(
                        each.getProtectionDomain().getCodeSource().getLocation().toURI());
                if (Files.isDirectory(place)) {
                    classes.putAll(classesBelow(place));
                } else {
                    try (FileSystem jar = FileSystems.newFileSystem(place)) {
                        classes.putAll(classesBelow(jar.getPath("/")));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (URISyntaxException e) {
                throw new AssertionError(e);
            }
        }
        return classes;
    }

    private static Map<String, byte[]> classesBelow(Path root) throws IOException {
        Map<String, byte[]> classes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.filter(it -> it.toString().endsWith(".class"))::iterator) {
                String name = root.relativize(file).toString().replaceAll("[/\\\\]", ".");
                classes.put(name.substring(0, name.length() - ".class".length()), Files.readAllBytes(file));
            }
        }
        return classes;
    }

    /** What must never be, to see that it is found. */
    private static final class Planted {
        static byte[] written(Object object) throws IOException {
            var bytes = new ByteArrayOutputStream();
            try (var out = new ObjectOutputStream(bytes)) {
                out.writeObject(object);
            }
            return bytes.toByteArray();
        }

        static Object read(byte[] bytes) throws IOException, ClassNotFoundException {
            try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
                return in.readObject();
            }
        }
    }

    private record Carried(String what) implements Serializable {}

    @Test
    void shouldFindWhatMustNotBeWhenItIsPlanted() throws IOException {
        String file = Planted.class.getName().replaceFirst(".*\\.", "") + ".class";
        try (InputStream in = Planted.class.getResourceAsStream(file)) {
            assertThat(makersIn(in.readAllBytes()))
                    .containsExactly("java.io.ObjectInputStream", "java.io.ObjectOutputStream");
        }
        assertThat(isSerializable(Carried.class)).isTrue();
        assertThat(isSerializable(Topics.class)).isFalse();
    }

    @Test
    void shouldStartSoWhenItIsAnImage() throws IOException {
        assertThat(Files.readString(Path.of("..", "Dockerfile")))
                .contains("'-Djdk.serialFilter=!*'")
                .contains("ENTRYPOINT [\"java\", \"@/opt/sluice/run\"]");
    }

    @Test
    void shouldMakeNoObjectWhenTheJvmIsStartedAsTheServicesAre() throws IOException {
        assertThat(System.getProperty("jdk.serialFilter"))
                .as("run this with -Djdk.serialFilter=!*, as the build does")
                .isEqualTo("!*");
        byte[] object = Planted.written(new Carried("a gadget"));

        assertThatThrownBy(() -> Planted.read(object))
                .isInstanceOf(InvalidClassException.class)
                .hasMessageContaining("REJECTED");
    }
}
