package dev.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.schemas.Post;
import dev.sluice.schemas.Topics;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class TestBrokerIT {
    @AutoClose
    private static final TestBroker broker = TestBroker.start();

    @Test
    void shouldReadWhatWasProducedWhenTopicsAreNew() throws Exception {
        Topics topics = broker.createTopics(TestBroker.newPrefix());
        Post post = Post.newBuilder().setText("hello").build();

        broker.produce(topics.posts(), "1", post);
        broker.produce(topics.posts(), null, post);

        assertThat(broker.readAtLeast(topics.posts(), 2)).containsExactly(post, post);
        assertThat(broker.readToEnd(topics.posts().name())).hasSize(2);
    }

    @Test
    void shouldTakeTheLargestModelWhenTheTopicAllowsIt() throws Exception {
        Topics topics = broker.createTopics(TestBroker.newPrefix());
        byte[] largest = new byte[Topics.DEFAULT_MAX_MODEL_BYTES - 1024];

        broker.produce(topics.models().name(), new byte[] {1}, largest);

        assertThat(broker.readToEnd(topics.models().name()))
                .singleElement()
                .satisfies(record -> assertThat(record.value()).hasSize(largest.length));
    }
}
