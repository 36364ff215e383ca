package dev.sluice.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A broker with two doors: the plain one of {@link TestBroker}, for the test alone, which may do all; and one that asks for TLS, a
 * password (SCRAM) and rights. The certificate is made by keytool when it starts, the rights are those of docs/security.md.
 */
final class SecuredBroker implements AutoCloseable {
    private static final String STORE_PASSWORD = "marked-store-password";
    private static final Pattern ROW = Pattern.compile(
            "\\| ([a-z]+) \\| (topic|group|transactional id) \\| (\\S+) \\| (literal|prefixed) \\| (.+) \\|");

    private final TestBroker plain;
    private final Path certificate;
    private final int port;

    SecuredBroker(Path folder) throws IOException, InterruptedException {
        port = Ports.free();
        Path store = folder.resolve("broker.p12");
        certificate = folder.resolve("ca.pem");
        keytool(
                "-genkeypair -alias broker -keyalg EC -dname CN=localhost -ext san=ip:127.0.0.1 -validity 2 -storetype PKCS12",
                store);
        keytool("-exportcert -rfc -alias broker -file " + certificate, store);
        plain = TestBroker.embedded(settings -> withDoor(settings, store));
    }

    private static void keytool(String arguments, Path store) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments.split(" ")));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", STORE_PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("keytool: " + said);
        }
    }

    private Properties withDoor(Properties settings, Path store) {
        for (String listeners : List.of("listeners", "advertised.listeners")) {
            settings.merge(listeners, ",SECURE://127.0.0.1:" + port, (before, more) -> "" + before + more);
        }
        settings.merge("listener.security.protocol.map", ",SECURE:SASL_SSL", (before, more) -> "" + before + more);
        settings.putAll(Map.of(
                "authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users",
                "User:ANONYMOUS",
                "sasl.enabled.mechanisms",
                "SCRAM-SHA-512",
                "listener.name.secure.scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;",
                "listener.name.secure.ssl.keystore.type",
                "PKCS12",
                "listener.name.secure.ssl.keystore.location",
                store.toString(),
                "listener.name.secure.ssl.keystore.password",
                STORE_PASSWORD,
                "listener.name.secure.ssl.key.password",
                STORE_PASSWORD));
        return settings;
    }

    /** As the test may do all. */
    TestBroker plain() {
        return plain;
    }

    static String passwordOf(String user) {
        return "marked-password-of-" + user;
    }

    void addUsers(List<String> users) throws ExecutionException, InterruptedException {
        plain.admin()
                .alterUserScramCredentials(users.stream()
                        .<org.apache.kafka.clients.admin.UserScramCredentialAlteration>map(
                                user -> new UserScramCredentialUpsertion(
                                        user,
                                        new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096),
                                        passwordOf(user)))
                        .toList())
                .all()
                .get();
    }

    /** What a client of this user is told. */
    Map<String, String> clientOf(String user) {
        return clientOf(user, passwordOf(user));
    }

    Map<String, String> clientOf(String user, String password) {
        return new HashMap<>(Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + port,
                "security.protocol",
                "SASL_SSL",
                "ssl.truststore.type",
                "PEM",
                "ssl.truststore.location",
                certificate.toString(),
                "sasl.mechanism",
                "SCRAM-SHA-512",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\""
                        + password + "\";"));
    }

    /** The table of docs/security.md. */
    static List<AclBinding> rights(String prefix) throws IOException {
        List<AclBinding> rights = new ArrayList<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("../docs/security.md")));
        while (rows.find()) {
            ResourcePattern resource = new ResourcePattern(
                    ResourceType.fromString(rows.group(2).replace(' ', '_')),
                    prefix + rows.group(3),
                    PatternType.fromString(rows.group(4).toUpperCase(java.util.Locale.ROOT)));
            for (String may : rows.group(5).split(", ", -1)) {
                AclOperation operation = AclOperation.fromString(may.replaceAll("(?<=[a-z])(?=[A-Z])", "_"));
                if (operation == AclOperation.UNKNOWN) {
                    throw new IllegalArgumentException("docs/security.md knows a right " + may);
                }
                rights.add(new AclBinding(
                        resource,
                        new AccessControlEntry("User:" + rows.group(1), "*", operation, AclPermissionType.ALLOW)));
            }
        }
        return rights;
    }

    void allow(List<AclBinding> rights) throws ExecutionException, InterruptedException {
        plain.admin().createAcls(rights).all().get();
    }

    /** Takes a principal's rights on one topic. */
    void forbid(String principal, String topic) throws ExecutionException, InterruptedException {
        plain.admin()
                .deleteAcls(List.of(new AclBindingFilter(
                        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL).toFilter(),
                        new AccessControlEntryFilter(
                                "User:" + principal, null, AclOperation.ANY, AclPermissionType.ANY))))
                .all()
                .get();
    }

    @Override
    public void close() {
        plain.close();
    }
}
