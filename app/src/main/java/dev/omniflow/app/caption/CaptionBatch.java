package dev.omniflow.app.caption;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.Console.OutputClosedException;
import dev.omniflow.app.ExitCode;
import dev.omniflow.ingest.MediaDecoder;
import dev.omniflow.ingest.MediaUnreadableException;
import dev.omniflow.schemas.EndReason;
import dev.omniflow.schemas.OutputEvent;
import dev.omniflow.sinks.captions.CaptionFormat;
import dev.omniflow.sinks.captions.CaptionWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The files of one command, each a session, a few at a time. A file that cannot be read is named in
 * one line, and the others are still done; only when the service itself breaks down does all end.
 *
 * <p>Used once, by one thread.
 */
final class CaptionBatch {
    /** Sessions at a time. */
    static final int CONCURRENT = 4;

    private final Console console;
    private final List<Path> files;
    private final SessionSettings settings;
    private final CaptionFormat format;
    private final Targets targets;

    CaptionBatch(
            Console console,
            List<Path> files,
            SessionSettings settings,
            CaptionFormat format,
            Targets targets) {
        this.console = console;
        this.files = List.copyOf(files);
        this.settings = settings;
        this.format = format;
        this.targets = targets;
    }

    /** Captions the files; returns the exit code that says how it went. */
    int run(ServiceStarter starter) throws CommandException, InterruptedException {
        Map<Integer, MediaUnreadableException> unreadable = firstReadable();
        if (unreadable.size() == files.size()) {
            // Nothing to caption: the runtime need not start.
            unreadable.values().forEach(problem -> console.complain(problem.getMessage()));
            return ExitCode.USAGE;
        }
        try (Progress progress = new Progress(console, files.size());
                CaptionService service = starter.start()) {
            return captionAll(service, progress);
        }
    }

    /** Looks at files until one is readable; those before it are not. */
    private Map<Integer, MediaUnreadableException> firstReadable() {
        Map<Integer, MediaUnreadableException> unreadable = new HashMap<>();
        for (int index = 0; index < files.size(); index++) {
            try {
                MediaDecoder.probe(files.get(index));
                return unreadable;
            } catch (MediaUnreadableException e) {
                unreadable.put(index, e);
            }
        }
        return unreadable;
    }

    private int captionAll(CaptionService service, Progress progress)
            throws CommandException, InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(Math.min(CONCURRENT, files.size()));
        try {
            List<Future<Integer>> outcomes = new ArrayList<>();
            for (int index = 0; index < files.size(); index++) {
                FileSession session = new FileSession(index, progress);
                outcomes.add(workers.submit(() -> session.caption(service)));
            }
            int exitCode = ExitCode.OK;
            for (Future<Integer> outcome : outcomes) {
                exitCode = worse(exitCode, outcome.get());
            }
            return exitCode;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandException known) {
                throw known;
            }
            if (e.getCause() instanceof OutputClosedException closed) {
                throw closed;
            }
            throw CommandException.failure(CaptionService.reason(e), e);
        } finally {
            workers.shutdownNow();
        }
    }

    /** A failure of ours weighs more than a file that cannot be read. */
    private static int worse(int one, int other) {
        if (one == ExitCode.FAILURE || other == ExitCode.FAILURE) {
            return ExitCode.FAILURE;
        }
        return Math.max(one, other);
    }

    /** Opens the target of a file, just before its session begins. */
    interface Targets {
        CaptionTarget open(int index) throws IOException;
    }

    /** Starts the service, once it is known that there is something to caption. */
    interface ServiceStarter {
        CaptionService start() throws CommandException, InterruptedException;
    }

    /** One file under way. */
    private final class FileSession implements SessionListener {
        private final int index;
        private final Path file;
        private final Progress progress;
        private volatile Appendable out = new StringBuilder();
        private volatile CaptionWriter writer = format.writer(out, 1);

        FileSession(int index, Progress progress) {
            this.index = index;
            this.file = files.get(index);
            this.progress = progress;
        }

        int caption(CaptionService service) throws CommandException, InterruptedException {
            try (CaptionTarget target = targets.open(index)) {
                out = target.out();
                SessionResult result = service.caption(file, settings, this);
                writer.finish();
                target.complete();
                return judge(result);
            } catch (MediaUnreadableException e) {
                console.complain(e.getMessage());
                return ExitCode.USAGE;
            } catch (IOException | UncheckedIOException e) {
                console.complain(
                        file
                                + ": its captions cannot be written ("
                                + CaptionService.reason(e)
                                + "); check the place's permissions and the disk's space");
                return ExitCode.FAILURE;
            } finally {
                progress.finished(index);
            }
        }

        private int judge(SessionResult result) {
            if (result.fault().isPresent()) {
                console.complain(
                        file
                                + ": the captions are not complete: "
                                + result.fault().get().getMessage());
                return ExitCode.FAILURE;
            }
            boolean broken = result.ingest().reason() == EndReason.FAILED;
            for (String warning : result.ingest().warnings()) {
                console.complain(file + ": " + warning);
            }
            return broken ? ExitCode.USAGE : ExitCode.OK;
        }

        @Override
        public void started(int channels, Optional<Duration> total) {
            writer = format.writer(out, channels);
            progress.started(index, total.orElse(Duration.ZERO));
        }

        @Override
        public void progressed(Duration published) {
            progress.atLeast(index, published);
        }

        @Override
        public void caption(OutputEvent event) {
            try {
                writer.write(event);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            progress.captioned(index, event.getEndUs());
        }
    }
}
