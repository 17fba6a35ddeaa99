package dev.omniflow.app.bench.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FeedTest {
    private final Feed<String> feed = new Feed<>();

    @Test
    void wakesWhoeverAskedHoweverOften() {
        CompletableFuture<Void> first = feed.available();
        CompletableFuture<Void> again = feed.available();
        assertThat(first).isNotDone();
        feed.offer("a");
        assertThat(first).isDone();
        assertThat(again).isDone();
        assertThat(feed.available()).isDone();
        assertThat(feed.poll()).isEqualTo("a");
        assertThat(feed.available()).isNotDone();
    }

    @Test
    void endsWhenAllIsRead() {
        feed.offer("a");
        CompletableFuture<Void> waiting;
        feed.end();
        assertThat(feed.hasEnded()).isFalse();
        assertThat(feed.poll()).isEqualTo("a");
        assertThat(feed.hasEnded()).isTrue();
        waiting = feed.available();
        assertThat(waiting).isDone();
    }

    @Test
    void theEndWakesToo() {
        CompletableFuture<Void> waiting = feed.available();
        feed.end();
        assertThat(waiting).isDone();
    }
}
