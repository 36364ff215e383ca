import dev.sluice.schemas.Prediction;
import dev.sluice.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Prints predictions as they come; README says how it is run. Arguments: [BOOTSTRAP [HOW_MANY]] */
class ReadPredictions {
    public static void main(String[] args) {
        var bootstrap = args.length > 0 ? args[0] : "localhost:9092";
        var howMany = args.length > 1 ? Long.parseLong(args[1]) : Long.MAX_VALUE;
        var predictions = Topics.ofDefaults().predictions();
        var settings = Map.<String, Object>of(
                "bootstrap.servers", bootstrap,
                "group.id", "java-example",
                "auto.offset.reset", "earliest",
                "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(
                settings, predictions.keys().deserializer(), predictions.values().deserializer())) {
            consumer.subscribe(List.of(predictions.name()));
            while (howMany > 0) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    Prediction prediction = record.value();
                    System.out.println(prediction.getPostId() + " " + prediction.getStatus() + " "
                            + prediction.getLabel().orElse("-") + " " + prediction.getConfidence().map(share -> share.toString()).orElse("-"));
                    howMany--;
                }
            }
        }
    }
}
