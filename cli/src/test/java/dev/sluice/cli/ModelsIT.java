package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.classifier.ClassifierConfig;
import dev.sluice.classifier.ClassifierService;
import dev.sluice.models.ModelFile;
import dev.sluice.schemas.Activation;
import dev.sluice.schemas.Calibration;
import dev.sluice.schemas.DenseLayer;
import dev.sluice.schemas.DenseNetwork;
import dev.sluice.schemas.Deployment;
import dev.sluice.schemas.DeploymentState;
import dev.sluice.schemas.Deployments;
import dev.sluice.schemas.ModelVersion;
import dev.sluice.schemas.ModelVersions;
import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Predictor;
import dev.sluice.schemas.Split;
import dev.sluice.schemas.TargetScale;
import dev.sluice.schemas.Task;
import dev.sluice.schemas.Topics;
import dev.sluice.schemas.TrainingRequest;
import dev.sluice.schemas.Vectors;
import dev.sluice.trainer.ModelImport;
import dev.sluice.trainer.TrainerConfig;
import dev.sluice.trainer.TrainerMain;
import dev.sluice.trainer.TrainerService;
import dev.sluice.trainer.TrainingListener;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of a version from trainers and imports to the classifiers, on a real broker: numbers, sizes, falls, many of them. */
class ModelsIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Path EXAMPLES =
            Path.of("../docs/examples").toAbsolutePath().normalize();

    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @TempDir
    Path folder;

    private final List<AutoCloseable> running = new ArrayList<>();
    private String prefix;
    private Topics topics;

    @BeforeEach
    void createTopics() throws Exception {
        prefix = TestBroker.newPrefix();
        topics = broker.createTopics(prefix);
    }

    @AfterEach
    void stopServices() throws Exception {
        PublishingHook.BEFORE_A_MODEL.set(() -> {});
        for (AutoCloseable service : running) {
            service.close();
        }
    }

    private Map<String, String> trainerSettings(String... namesAndValues) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.putAll(Map.of(
                "training.trigger", "request",
                "validation.data", "none",
                "hidden.layers", "8",
                "epochs", "1"));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            settings.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return settings;
    }

    private TrainerService trainer(String... namesAndValues) {
        TrainerService trainer = TrainerService.start(
                new TrainerConfig(trainerSettings(namesAndValues)),
                Clock.systemUTC(),
                new SimpleMeterRegistry(),
                TrainingListener.logging());
        running.add(trainer);
        return trainer;
    }

    private ClassifierService classifier(String instance) {
        Map<String, String> settings = broker.serviceSettings(prefix);
        settings.put("state.dir", folder.resolve(instance).toString());
        settings.put("instance", instance);
        ClassifierService service =
                ClassifierService.start(new ClassifierConfig(settings), Clock.systemUTC(), new SimpleMeterRegistry());
        running.add(service);
        return service;
    }

    private void request(String id) {
        broker.produce(
                topics.trainingRequests(),
                "default",
                TrainingRequest.newBuilder().setId(id).build());
    }

    private List<ModelVersion> versions(int count) {
        return broker.readAtLeast(topics.models(), count);
    }

    private void awaitServing(String instance, int version) {
        broker.readAll(topics.deploymentStatus(), statuses -> statuses.stream()
                .anyMatch(status -> status.getInstance().equals(instance)
                        && status.getState() == DeploymentState.SERVING
                        && status.getServingVersion().equals(Optional.of(version))));
    }

    /** Sends the vectors on, and waits for their predictions. */
    private List<Prediction> classify(LabeledClouds clouds, int from, int to) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = from; i < to; i++) {
            records.add(new ProducerRecord<>(
                    topics.embeddedPosts().name(),
                    ("post-" + i).getBytes(UTF_8),
                    topics.embeddedPosts().codec().encode(clouds.post(i, Split.TEST))));
        }
        broker.produce(records);
        return broker.readAtLeast(topics.predictions(), to - from);
    }

    @Test
    void shouldGoOnWithoutGapOrTwinWhenTheTrainerIsKilledInTheMiddleOfPublishing() throws Exception {
        // given: version 1 is live at two classifiers, and one trainer stands by
        LabeledClouds clouds = new LabeledClouds(4, 2);
        clouds.produce(broker, topics, 0, 20, Split.TRAIN);
        classifier("one");
        classifier("two");
        try (ServiceProcess killed = ServiceProcess.start(
                folder,
                TrainerMain.class,
                trainerSettings(
                        "consumer.session.timeout.ms",
                        "6000",
                        "producer.interceptor.classes",
                        PublishingHook.class.getName(),
                        "producer." + PublishingHook.HANG,
                        topics.deployments().name()))) {
            ModelImport.publish(broker.serviceSettings(prefix), new HandMadeModels(4, 3, 2).version(1));
            broker.produce(topics.deployments().name(), null, "{\"version\":1}".getBytes(UTF_8));
            request("r");

            // when: model and deployment are sent, and not committed
            killed.awaitLine(PublishingHook.IN_THE_MIDDLE);
            trainer();
            assertThat(broker.readToEnd(topics.models().name())).hasSize(1);
            killed.pullThePlug();
        }

        // then: the other one answers the request, with the number that was not given
        assertThat(versions(2))
                .extracting(ModelVersion::getVersion, version -> version.getTraining()
                        .getRequestId())
                .containsExactly(tuple(1, Optional.empty()), tuple(2, Optional.of("r")));
        Deployments deployments = new Deployments("default");
        List<Deployment> events = broker.readAtLeast(topics.deployments(), 2);
        for (int i = 0; i < events.size(); i++) {
            deployments.add(i, events.get(i));
        }
        assertThat(deployments.live()).contains(2);
        assertThat(events).extracting(Deployment::getVersion).containsExactly(1, 2);
        awaitServing("one", 2);
        awaitServing("two", 2);
        assertThat(classify(clouds, 100, 140)).hasSize(40).allSatisfy(prediction -> assertThat(
                        prediction.getModelVersion())
                .contains(2));
    }

    @Test
    void shouldPublishAndServeAModelOf20Megabytes() {
        LabeledClouds clouds = new LabeledClouds(768, 100);
        clouds.produce(broker, topics, 0, 200, Split.TRAIN);
        request("large");

        trainer("hidden.layers", "5800", "training.min.examples", "200");
        classifier("one");
        awaitServing("one", 1);

        ModelVersion version = versions(1).get(0);
        assertThat(topics.models().codec().encode(version).length).isBetween(20_000_000, 21_000_000);
        assertThat(classify(clouds, 0, 10)).hasSize(10).allSatisfy(prediction -> {
            assertThat(prediction.getModelVersion()).contains(1);
            assertThat(prediction.getProbabilities()).hasSize(100);
        });
    }

    @Test
    void shouldLoseNoFitWhenAnImportComesInTheMiddleOfPublishing() {
        new LabeledClouds(4, 2).produce(broker, topics, 0, 20, Split.TRAIN);
        HandMadeModels byHand = new HandMadeModels(4, 3, 2);
        PublishingHook.BEFORE_A_MODEL.set(() -> {
            try {
                ModelImport.publish(broker.serviceSettings(prefix), byHand.version(1));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        request("r");

        trainer("producer.interceptor.classes", PublishingHook.class.getName());

        assertThat(versions(2))
                .extracting(
                        ModelVersion::getVersion,
                        version -> version.getTraining().getRequestId(),
                        ModelVersions::heldBack)
                .containsExactly(
                        tuple(1, Optional.empty(), Optional.of("imported: deployed by people only")),
                        tuple(2, Optional.of("r"), Optional.empty()));
        assertThat(broker.readAtLeast(topics.deployments(), 1))
                .extracting(Deployment::getVersion)
                .containsExactly(2);
    }

    @Test
    void shouldAnswerAsPythonDoesAndServeWhatPythonWroteWhenAModelGoesOutAndIn() throws Exception {
        assumePython();

        // given: a calibrated model of ours
        LabeledClouds clouds = new LabeledClouds(6, 3);
        clouds.produce(broker, topics, 0, 60, Split.TRAIN);
        clouds.produce(broker, topics, 60, 120, Split.VALIDATION);
        request("r");
        trainer("validation.data", "holdout", "hidden.layers", "8,5");
        classifier("one");
        Predictor ours = Predictor.of(versions(1).get(0));
        assertThat(ours.version().getCalibration()).isPresent();
        Path out = folder.resolve("out.safetensors");
        assertThat(sluice("models", "export", "9", "--to", out.toString()).err())
                .contains("there is no version 9");
        assertThat(sluice("models", "export", "1", "--to", out.toString()).err())
                .isEmpty();

        // when: Python answers with it, and writes others: one of every activation, and a plain one
        Path mixed = folder.resolve("mixed.safetensors");
        String answers = python(
                """
                from model import *
                record, tensors = load("%s")
                for x in tensors["self_test.inputs"]:
                    print(json.dumps([x.tolist(), predict(record, tensors, x).tolist()]))
                record = {"labels": record["labels"], "space": record["space"]}
                record["network"] = {"layers": [{"activation": a} for a in ("TANH", "SIGMOID", "IDENTITY", "RELU", "SOFTMAX")]}
                tensors = {}
                for i, layer in enumerate(record["network"]["layers"]):
                    tensors[f"layers.{i}.weights"] = np.sin(np.arange(36 if i < 4 else 18) * (i + 1.5)).reshape(-1, 6)
                    tensors[f"layers.{i}.biases"] = np.cos(np.arange(6 if i < 4 else 3) + i)
                save("%s", record, tensors)
                record, tensors = load("%s")
                for x in np.eye(6, dtype="<f4"):
                    print(json.dumps([x.tolist(), predict(record, tensors, x).tolist()]))
                weights = np.array([[1 if i %% 3 == label else 0 for i in range(6)] for label in range(3)])
                record.pop("network")
                save("%s", record, {"layers.0.weights": weights, "layers.0.biases": np.zeros(3)})
                """
                        .formatted(out, mixed, mixed, folder.resolve("in.safetensors")));

        // then
        Predictor everyActivation = Predictor.ofUnsealed(ModelFile.of(Files.readAllBytes(mixed), Instant.EPOCH));
        List<String> lines = answers.lines().toList();
        assertThat(lines).hasSize(11);
        assertThat(lines.subList(0, 5)).allSatisfy(line -> assertSame(line, ours));
        assertThat(lines.subList(5, 11)).allSatisfy(line -> assertSame(line, everyActivation));

        // and when, then: as the README does it
        Files.copy(out, folder.resolve("model.safetensors"));
        String example = Files.readAllLines(Path.of("../README.md")).stream()
                .filter(line -> line.contains("from model import"))
                .findFirst()
                .orElseThrow();
        assertThat(run(
                        "bash",
                        "-c",
                        example.replace("docs/examples", EXAMPLES.toString()).replace("python3", "/usr/bin/python3")))
                .contains("['label-0', 'label-1', 'label-2'] [");
        CommandRun in =
                sluice("models", "import", folder.resolve("in.safetensors").toString(), "--deploy");
        assertThat(in.err()).isEmpty();
        assertThat(in.lines()).containsExactly("version 2 is published, and live");
        assertThat(classify(clouds, 200, 230)).hasSize(30).allSatisfy(prediction -> {
            assertThat(prediction.getModelVersion()).contains(2);
            assertThat(prediction.getLabel()).isEqualTo(prediction.getPostLabel());
        });

        // and it has a self-test now, which the file had not
        assertThat(versions(2).get(1).getSelfTest()).isNotEmpty();

        // and the trainer counts on from there
        request("s");
        assertThat(versions(3)).extracting(ModelVersion::getVersion).containsExactly(1, 2, 3);
    }

    @Test
    void shouldAnswerAsPythonDoesWhenThereAreTwoLabelsOrANumberAndBeRefusedByItWhenItReadsWords() throws Exception {
        assumePython();

        // given: the threshold lies between the answers
        ModelVersion two = ofOneOutput(Task.BINARY, Activation.SIGMOID);
        Predictor binary = Predictor.ofUnsealed(two);
        double threshold = two.getSelfTest().stream()
                .mapToDouble(test -> Vectors.fromBytes(test.getOutput())[1])
                .average()
                .orElseThrow();
        two = ModelVersion.newBuilder(two).setThreshold(threshold).build();
        ModelVersion number = ModelVersion.newBuilder(ofOneOutput(Task.REGRESSION, Activation.IDENTITY))
                .setLabels(List.of())
                .setCalibration(null)
                .setTargetScale(new TargetScale(-30.0, 12.5))
                .setSelfTest(List.of())
                .build();
        Predictor regression = Predictor.ofUnsealed(number);
        number = ModelVersion.newBuilder(number)
                .setSelfTest(regression.selfTestOfItsOwn())
                .build();
        Path twoFile = Files.write(folder.resolve("two.safetensors"), ModelFile.toBytes(two));
        Path numberFile = Files.write(folder.resolve("number.safetensors"), ModelFile.toBytes(number));

        // when
        String said = python(
                """
                from model import *
                for path in ("%s", "%s"):
                    record, tensors = load(path)
                    for x in tensors["self_test.inputs"]:
                        p = predict(record, tensors, x)
                        print(json.dumps([x.tolist(), p.tolist()]))
                        if record["task"] == "BINARY":
                            print(choose(record, p))
                try:
                    predict(dict(record, wide={"recipe": "words"}), tensors, x)
                except AssertionError as e:
                    print(e)
                """
                        .formatted(twoFile, numberFile));

        // then
        Predictor chooser = Predictor.ofUnsealed(two);
        List<String> lines = said.lines().toList();
        int tests = two.getSelfTest().size();
        assertThat(lines).hasSize(3 * tests + 1);
        for (int i = 0; i < tests; i++) {
            assertSame(lines.get(2 * i), binary);
            float[] answer = Vectors.fromBytes(two.getSelfTest().get(i).getOutput());
            assertThat(lines.get(2 * i + 1)).isEqualTo(two.getLabels().get(chooser.choice(answer)));
            assertSame(lines.get(2 * tests + i), regression);
        }
        assertThat(lines.subList(0, 2 * tests)).contains("label-0", "label-1");
        assertThat(lines.get(3 * tests)).isEqualTo("this model reads the text's words as well");
    }

    private static ModelVersion ofOneOutput(Task task, Activation last) {
        ModelVersion version = new HandMadeModels(6, 4, 1).version(1);
        List<DenseLayer> layers = new ArrayList<>(((DenseNetwork) version.getNetwork()).getLayers());
        layers.set(1, DenseLayer.newBuilder(layers.get(1)).setActivation(last).build());
        ModelVersion made = ModelVersion.newBuilder(version)
                .setTask(task)
                .setLabels(List.of("label-0", "label-1"))
                .setCalibration(new Calibration(0.02)) // else all answers lie close to a half
                .setNetwork(new DenseNetwork(layers))
                .build();
        return task == Task.BINARY
                ? ModelVersion.newBuilder(made)
                        .setSelfTest(Predictor.ofUnsealed(made).selfTestOfItsOwn())
                        .build()
                : made;
    }

    private static void assumePython() {
        boolean required = Boolean.parseBoolean(System.getenv("SLUICE_REQUIRE_FOREIGN_CLIENTS"));
        assumeTrue(required || Files.exists(Path.of("/usr/lib/python3/dist-packages/numpy")), "numpy is missing");
    }

    private static void assertSame(String line, Predictor predictor) throws Exception {
        float[][] read = JSON.readValue(line, float[][].class);
        assertThat(read[1]).containsExactly(predictor.predict(read[0]), within(1e-5f));
    }

    private CommandRun sluice(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(List.of("--bootstrap-server", broker.bootstrapServers(), "--prefix", prefix));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    /** Runs a script beside the example of the documentation, with the Python that has numpy. */
    private String python(String script) throws Exception {
        return run("/usr/bin/python3", "-c", "import sys; sys.path.insert(0, '" + EXAMPLES + "')\n" + script);
    }

    /** In the test's folder; all that is said. */
    private String run(String... command) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void shouldSayWhatIsWrongAndPublishNothingWhenAFileIsNotAModel() throws Exception {
        ModelVersion sound = new HandMadeModels(4, 3, 2).version(1);
        DenseNetwork network = (DenseNetwork) sound.getNetwork();
        List<DenseLayer> layers = new ArrayList<>(network.getLayers());
        layers.set(
                1,
                DenseLayer.newBuilder(layers.get(1))
                        .setBiases(Vectors.toBytes(new float[] {0, Float.NaN}))
                        .build());
        ModelVersion broken = ModelVersion.newBuilder(sound)
                .setNetwork(new DenseNetwork(layers))
                .build();

        assertThat(imported("hello".getBytes(UTF_8))).contains("no safetensors file");
        assertThat(imported(ModelFile.toBytes(broken))).contains("layer 2 biases: not every number is finite");
        assertThat(imported(ModelFile.toBytes(ModelVersion.newBuilder(sound)
                        .setLabels(List.of("a", "b", "c"))
                        .build())))
                .contains("2 outputs for 3 labels");
        assertThat(broker.readToEnd(topics.models().name())).isEmpty();
    }

    @Test
    void shouldGiveUpWhenTheVersionIsNotTakenInTime() throws Exception {
        // given: sending a model does not end
        CountDownLatch never = new CountDownLatch(1);
        PublishingHook.BEFORE_A_MODEL.set(() -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Path hook = Files.writeString(
                folder.resolve("hook.properties"), "producer.interceptor.classes=" + PublishingHook.class.getName());
        byte[] file = ModelFile.toBytes(new HandMadeModels(4, 3, 2).version(1));

        String said = imported(file, "--timeout", "5s", "--command-config", hook.toString());

        assertThat(said).contains("within 5s").contains("sluice models");
        assertThat(broker.readToEnd(topics.models().name())).isEmpty();
    }

    @Test
    void shouldPublishNothingWhenItCouldNotBeDeployed() throws Exception {
        String statuses = topics.deploymentStatus().name();
        broker.admin().deleteTopics(List.of(statuses)).all().get();
        while (broker.admin().listTopics().names().get().contains(statuses)) {
            Thread.onSpinWait(); // the controller knows it first, the broker a moment later
        }

        assertThat(imported(ModelFile.toBytes(new HandMadeModels(4, 3, 2).version(1)), "--deploy"))
                .contains("there is no topic " + statuses);
        assertThat(broker.readToEnd(topics.models().name())).isEmpty();
    }

    @Test
    void shouldPublishNothingWhenItWouldBeDeployedForOtherVectorsThanTheLiveVersionReads() throws Exception {
        broker.produce(topics.models(), ModelVersions.keyOf("default", 1), TestModels.version(1));
        broker.produce(topics.deployments().name(), null, "{\"version\":1}".getBytes(UTF_8));
        byte[] other = ModelFile.toBytes(new HandMadeModels(4, 3, 2).version(1));

        assertThat(imported(other, "--deploy"))
                .contains("nothing is published: version 1, which is live, reads vectors of external|by-hand||2|")
                .contains("external|by-hand||4|")
                .contains("import it without --deploy");
        assertThat(versions(1)).hasSize(1);

        // and it is taken if it is not to be deployed
        assertThat(sluice("models", "import", folder.resolve("wrong").toString())
                        .exitCode())
                .isZero();
    }

    /** What is said on stderr. */
    private String imported(byte[] file, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("models", "import"));
        words.add(Files.write(folder.resolve("wrong"), file).toString());
        words.addAll(List.of(options));
        CommandRun run = sluice(words.toArray(String[]::new));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines()).hasSize(1);
        return run.err();
    }

    @Test
    void shouldHoldNoMoreInMemoryWhenThereWere200VersionsThanWhenThereWere20() {
        LabeledClouds clouds = new LabeledClouds(384, 4);
        clouds.produce(broker, topics, 0, 20, Split.TRAIN);
        trainer("hidden.layers", "384", "models.keep", "5");
        classifier("one");

        publish(1, 20);
        double few = HeapHistogram.now().megabytes();
        publish(21, 200);
        double many = HeapHistogram.now().megabytes();

        System.out.printf("heap after GC: %.1f MB at 20 versions, %.1f MB at 200%n", few, many);
        assertThat(many - few).isLessThan(10);
    }

    /** The last one by the trainer, who reads all that came before it; those as trainers write them. */
    private void publish(int from, int to) {
        HandMadeModels byHand = new HandMadeModels(384, 384, 4);
        for (int version = from; version < to; version++) {
            List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
            records.add(new ProducerRecord<>(
                    topics.models().name(),
                    key(version),
                    topics.models().codec().encode(byHand.version(version))));
            if (version % 10 == 0) {
                records.add(new ProducerRecord<>(
                        topics.deployments().name(), null, ("{\"version\":" + version + "}").getBytes(UTF_8)));
            }
            if (version > 5) {
                records.add(new ProducerRecord<>(topics.models().name(), key(version - 5), null));
            }
            broker.produce(records);
        }
        request("r-" + to);
        broker.readAll(topics.models(), versions -> versions.stream().anyMatch(it -> it.getVersion() == to));
        awaitServing("one", to);
    }

    private static byte[] key(int version) {
        return ModelVersions.keyOf("default", version).getBytes(UTF_8);
    }
}
