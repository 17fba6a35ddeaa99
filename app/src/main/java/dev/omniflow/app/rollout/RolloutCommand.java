package dev.omniflow.app.rollout;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.Console;
import dev.omniflow.app.ExitCode;
import dev.omniflow.core.bundle.BundleId;
import dev.omniflow.ingest.ModelDirectory;
import dev.omniflow.ingest.ModelsUnavailableException;
import dev.omniflow.schemas.routing.RoleRouting;
import dev.omniflow.schemas.routing.RolloutRequest;
import dev.omniflow.schemas.routing.Split;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code omniflow rollout}. */
@Command(
        name = "rollout",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Puts another model bundle into service while the captions job runs, for new sessions"
                    + " or a share of them; those that run keep theirs.",
            "Every process of the job loads the bundle first. If one cannot, the rollout is refused"
                    + " and nothing changes."
        })
public final class RolloutCommand implements Callable<Integer> {
    private static final BigDecimal PERMILLE = BigDecimal.TEN;

    private final Console console;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            required = true,
            description = "Kafka broker of the job.")
    private String bootstrapServers = "";

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            defaultValue = "speech-recognition",
            description = "What the bundle is for: its kind. Default: ${DEFAULT-VALUE}")
    private String role = "";

    @Option(
            names = "--bundle",
            paramLabel = "NAME@VERSION",
            description = "The bundle. It must lie in a library of every task manager.")
    private @Nullable String bundle;

    @Option(
            names = "--share",
            paramLabel = "PERCENT",
            defaultValue = "100",
            description =
                    "New sessions that take it, in percent, in steps of 0.1. 100 without --tenant makes it"
                            + " the standard in place of all others of its role; 0 takes it out of service."
                            + " Default: ${DEFAULT-VALUE}")
    private BigDecimal share = BigDecimal.ZERO;

    @Option(
            names = "--tenant",
            paramLabel = "TENANT",
            description = "Only sessions of this tenant; may be repeated.")
    private List<String> tenants = new ArrayList<>();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "120",
            description = "How long to wait for the decision. Default: ${DEFAULT-VALUE}")
    private int timeoutSeconds;

    @Option(
            names = "--list",
            description = "Show what is in service and on trial, and change nothing.")
    private boolean list;

    public RolloutCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandException, InterruptedException {
        if (list) {
            return list();
        }
        if (bundle == null) {
            throw CommandException.usage("name a bundle with --bundle NAME@VERSION, or use --list");
        }
        RolloutRequest request =
                new RolloutRequest(
                        role,
                        UUID.randomUUID().toString(),
                        bundleId(bundle),
                        permille(share),
                        tenants);
        if (timeoutSeconds < 1) {
            throw CommandException.usage("--timeout is 1 s or more, not " + timeoutSeconds);
        }
        console.status("every process of the job loads " + request.bundle());
        Optional<RolloutDecision> decision =
                new RolloutLog(bootstrapServers)
                        .request(request, Duration.ofSeconds(timeoutSeconds));
        console.eraseStatus();
        if (decision.isEmpty()) {
            console.complain(
                    "no decision on "
                            + request.bundle()
                            + " after "
                            + timeoutSeconds
                            + " s: does the captions job run, with omniflow.models.rollouts? It may"
                            + " still come: --list shows it");
            return ExitCode.FAILURE;
        }
        if (decision.get() instanceof RolloutDecision.Refused refused) {
            console.complain(
                    "refused, nothing has changed: " + request.bundle() + ": " + refused.reason());
            return ExitCode.FAILURE;
        }
        console.print("accepted: " + effect(request) + "\n");
        return ExitCode.OK;
    }

    private static String bundleId(String name) throws CommandException {
        try {
            return BundleId.parse(name).toString();
        } catch (IllegalArgumentException e) {
            throw CommandException.usage("--bundle " + name + ": " + e.getMessage());
        }
    }

    private static int permille(BigDecimal percent) throws CommandException {
        try {
            int permille = percent.multiply(PERMILLE).intValueExact();
            if (permille >= 0 && permille <= RolloutRequest.ALL) {
                return permille;
            }
        } catch (ArithmeticException e) {
            throw wrongShare(percent);
        }
        throw wrongShare(percent);
    }

    private static CommandException wrongShare(BigDecimal percent) {
        return CommandException.usage(
                "--share is from 0 to 100 percent in steps of 0.1, not " + percent);
    }

    private static String effect(RolloutRequest request) {
        if (request.withdraws()) {
            return request.bundle() + " is out of service for " + sessions(request.tenants());
        }
        if (request.makesStandard()) {
            return request.bundle() + " is the standard for " + request.role();
        }
        return request.bundle()
                + " takes "
                + percent(request.permille())
                + " of the new sessions of "
                + sessions(request.tenants());
    }

    private static String sessions(List<String> tenants) {
        return tenants.isEmpty() ? "everybody" : String.join(", ", tenants);
    }

    private static String percent(int permille) {
        return BigDecimal.valueOf(permille).movePointLeft(1).stripTrailingZeros().toPlainString()
                + " %";
    }

    private int list() throws CommandException, InterruptedException {
        try (ModelDirectory directory = ModelDirectory.connect(bootstrapServers, Map.of())) {
            Map<String, RoleRouting> roles = directory.routing().roles();
            if (roles.isEmpty()) {
                console.say("no rollout was ever asked for: sessions have the models they name");
            }
            roles.forEach(this::show);
            return ExitCode.OK;
        } catch (ModelsUnavailableException e) {
            throw CommandException.failure(String.valueOf(e.getMessage()), e);
        }
    }

    private void show(String name, RoleRouting routing) {
        routing.standard().ifPresent(standard -> line(name, "standard", standard));
        routing.everybody().ifPresent(split -> line(name, "everybody", share(split)));
        routing.tenants().forEach((tenant, split) -> line(name, "tenant " + tenant, share(split)));
        for (RolloutRequest request : routing.pending()) {
            line(
                    name,
                    "undecided",
                    request.bundle()
                            + " for "
                            + percent(request.permille())
                            + " of "
                            + sessions(request.tenants()));
        }
    }

    private static String share(Split split) {
        return split.bundle() + " " + percent(split.permille());
    }

    private void line(String name, String what, String bundles) {
        console.print(name + "\t" + what + "\t" + bundles + "\n");
    }
}
