package dev.omniflow.app.runtime;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has to be cleared away however the process ends, short of being killed.
 *
 * <p>After {@link #endOnSignals} a signal ends the process without its shutdown hooks: ONNX Runtime
 * has one that frees its environment, and a process whose models are at work then aborts now and
 * then, with another exit code than the one that says what happened.
 *
 * <p>Thread-safe.
 */
public final class AtExit {
    private static final Logger LOG = LoggerFactory.getLogger(AtExit.class);

    /** Signals that end a process, with their numbers. */
    private static final Map<String, Integer> SIGNALS = Map.of("INT", 2, "TERM", 15, "HUP", 1);

    private static final Set<Runnable> ACTIONS = ConcurrentHashMap.newKeySet();
    private static final Set<Runnable> LAST_ACTIONS = ConcurrentHashMap.newKeySet();
    private static final AtomicBoolean RUN = new AtomicBoolean();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(AtExit::runAll, "omniflow-at-exit"));
    }

    private AtExit() {}

    /** From now on runs this when the process ends. It must be quick and must not throw. */
    public static void add(Runnable action) {
        ACTIONS.add(action);
    }

    /** As {@link #add}, but runs this after all that was added there. */
    public static void addLast(Runnable action) {
        LAST_ACTIONS.add(action);
    }

    /** Takes {@link #add} or {@link #addLast} back. */
    public static void remove(Runnable action) {
        ACTIONS.remove(action);
        LAST_ACTIONS.remove(action);
    }

    /** From now on a signal runs the actions and ends the process with 128 and its number. */
    public static void endOnSignals() {
        SIGNALS.forEach(AtExit::endOn);
    }

    private static void endOn(String name, int number) {
        InvocationHandler end =
                (proxy, method, arguments) -> {
                    runAll();
                    Runtime.getRuntime().halt(128 + number);
                    return null;
                };
        try {
            // By reflection: the only way to handle a signal in Java is a class that the compiler
            // warns of, without a way to say that it is meant.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours =
                    Proxy.newProxyInstance(
                            AtExit.class.getClassLoader(), new Class<?>[] {handler}, end);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
        } catch (ReflectiveOperationException e) {
            // Another Java virtual machine, or a signal that it keeps: its hooks then do the same.
            LOG.info("signal {} stays with the virtual machine", name, e);
        }
    }

    private static void runAll() {
        if (RUN.compareAndSet(false, true)) {
            ACTIONS.forEach(Runnable::run);
            LAST_ACTIONS.forEach(Runnable::run);
        }
    }
}
