import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Copies jars without the native libraries of other platforms than one: most of onnxruntime's and RocksDB's megabytes are for
 * machines that an image never runs on. A jar without any is copied as it is.
 *
 * <p>Usage: {@code java docker/SlimJars.java amd64|arm64 TO FROM...}, where each FROM is a jar or a folder of jars.
 */
final class SlimJars {
    /** How the authors of libraries call a platform, in the paths of their natives. */
    private static final Map<String, Pattern> PLATFORMS = Map.of(
            "amd64", Pattern.compile("(?i)linux[-/](x64|x86[-_]64|amd64)\\b|linux64\\."),
            "arm64", Pattern.compile("(?i)linux[-/](aarch64|arm64)\\b(?!-musl)"));

    private static final Pattern NATIVE =
            Pattern.compile(".*\\.(so(\\.\\d+)*|dll|dylib|jnilib|a|lib|pdb)|.*\\.dSYM/.*|.*/include/.*\\.h");

    public static void main(String[] args) throws IOException {
        Pattern platform = PLATFORMS.get(args[0]);
        if (platform == null) {
            throw new IllegalArgumentException("no image is made for " + args[0] + ", only for " + PLATFORMS.keySet());
        }
        Path to = Files.createDirectories(Path.of(args[1]));
        for (String from : List.of(args).subList(2, args.length)) {
            try (Stream<Path> jars = Files.walk(Path.of(from))) {
                for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
                    slim(jar, to.resolve(jar.getFileName()), platform);
                }
            }
        }
    }

    private static void slim(Path jar, Path slim, Pattern platform) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            if (zip.stream().noneMatch(entry -> isForeign(entry, platform))) {
                Files.copy(jar, slim, StandardCopyOption.REPLACE_EXISTING);
                return;
            }
            try (OutputStream file = Files.newOutputStream(slim);
                    ZipOutputStream out = new ZipOutputStream(file)) {
                for (ZipEntry entry : zip.stream().filter(it -> !isForeign(it, platform)).toList()) {
                    ZipEntry copy = new ZipEntry(entry.getName());
                    copy.setTime(entry.getTime());
                    out.putNextEntry(copy);
                    zip.getInputStream(entry).transferTo(out);
                    out.closeEntry();
                }
            }
        }
    }

    private static boolean isForeign(ZipEntry entry, Pattern platform) {
        return NATIVE.matcher(entry.getName()).matches() && !platform.matcher(entry.getName()).find();
    }
}
