import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Prints a topic as Java's consumer sees it, from its beginning to where it ends now: arguments are the brokers, the topic, the isolation
 * level. It assigns itself the partitions, so that no group has to form, and waits for transactions that are not over.
 */
class ReadTopic {
  private static final String FIELD = "\u0001";
  private static final String RECORD = "\u0002";
  private static final String HEADER = "\u0003";
  private static final Duration WAIT = Duration.ofSeconds(60);

  public static void main(String[] args) {
    List<TopicPartition> partitions;
    Map<TopicPartition, Long> ends;
    try (KafkaConsumer<String, String> all = consumer(args[0], "read_uncommitted")) {
      partitions = all.partitionsFor(args[1], WAIT).stream().map(it -> new TopicPartition(it.topic(), it.partition())).toList();
      ends = all.endOffsets(partitions, WAIT);
    }
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    try (KafkaConsumer<String, String> consumer = consumer(args[0], args[2])) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + WAIT.toNanos();
      while (!partitions.stream().allMatch(it -> consumer.position(it, WAIT) >= ends.get(it))) {
        if (System.nanoTime() > deadline) throw new IllegalStateException("the end did not come: some transaction is not over");
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) print(out, record);
      }
    }
    out.flush();
  }

  private static KafkaConsumer<String, String> consumer(String brokers, String isolation) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", brokers, "isolation.level", isolation, "enable.auto.commit", false, "auto.offset.reset", "earliest");
    return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }

  private static void print(PrintStream out, ConsumerRecord<String, String> record) {
    StringBuilder headers = new StringBuilder();
    for (Header header : record.headers()) {
      headers.append(header.key()).append(':').append(new String(header.value(), StandardCharsets.UTF_8)).append(HEADER);
    }
    out.print(String.join(FIELD, String.valueOf(record.partition()), String.valueOf(record.offset()),
        String.valueOf(record.timestamp()), headers, String.valueOf(record.key()), String.valueOf(record.value())) + RECORD);
  }
}
