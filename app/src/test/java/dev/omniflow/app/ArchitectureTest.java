package dev.omniflow.app;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** Dependencies point one way, and libraries keep to what they are for. */
@AnalyzeClasses(packages = "dev.omniflow", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule dependenciesPointOneWay =
            Architectures.layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .layer("app")
                    .definedBy("dev.omniflow.app..")
                    .layer("ingest")
                    .definedBy("dev.omniflow.ingest..")
                    .layer("jobs")
                    .definedBy("dev.omniflow.jobs..")
                    .layer("sinks")
                    .definedBy("dev.omniflow.sinks..")
                    .layer("flink")
                    .definedBy("dev.omniflow.flink..")
                    .layer("speech")
                    .definedBy("dev.omniflow.speech..")
                    .layer("onnx")
                    .definedBy("dev.omniflow.onnx..")
                    .layer("core")
                    .definedBy("dev.omniflow.core..")
                    .layer("schemas")
                    .definedBy("dev.omniflow.schemas..")
                    .whereLayer("app")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("ingest")
                    .mayOnlyBeAccessedByLayers("app")
                    .whereLayer("jobs")
                    .mayOnlyBeAccessedByLayers("app")
                    .whereLayer("sinks")
                    .mayOnlyBeAccessedByLayers("app")
                    .whereLayer("flink")
                    .mayOnlyBeAccessedByLayers("app", "jobs")
                    .whereLayer("speech")
                    .mayOnlyBeAccessedByLayers("app", "jobs", "flink")
                    .whereLayer("onnx")
                    .mayOnlyBeAccessedByLayers("app", "jobs", "flink")
                    .whereLayer("core")
                    .mayOnlyBeAccessedByLayers("app", "jobs", "flink", "speech", "onnx")
                    .whereLayer("schemas")
                    .mayNotAccessAnyLayer();

    @ArchTest
    static final ArchRule coreDoesNoInputOrOutput =
            noClasses()
                    .that()
                    .resideInAPackage("dev.omniflow.core..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.flink..",
                            "org.apache.kafka..",
                            "ai.onnxruntime..",
                            "java.net..",
                            "java.sql..");

    @ArchTest
    static final ArchRule onnxRuntimeIsBehindItsModule =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "dev.omniflow.onnx..",
                            // Measures what that module costs.
                            "dev.omniflow.app.bench.operator..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("ai.onnxruntime..");

    @ArchTest
    static final ArchRule onlyItsModulesKnowFlink =
            noClasses()
                    .that(
                            resideInAnyPackage(
                                    "dev.omniflow.schemas..",
                                    "dev.omniflow.core..",
                                    "dev.omniflow.onnx..",
                                    "dev.omniflow.speech..",
                                    "dev.omniflow.ingest..",
                                    "dev.omniflow.sinks.."))
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.apache.flink..");

    @ArchTest
    static final ArchRule internalsOfIngestStayThere =
            classes()
                    .that()
                    .resideInAPackage("dev.omniflow.ingest.internal..")
                    .should()
                    .onlyHaveDependentClassesThat()
                    .resideInAPackage("dev.omniflow.ingest..");

    @ArchTest
    static final ArchRule internalsOfSinksStayThere =
            classes()
                    .that()
                    .resideInAPackage("dev.omniflow.sinks.captions.internal..")
                    .should()
                    .onlyHaveDependentClassesThat()
                    .resideInAPackage("dev.omniflow.sinks..");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            SlicesRuleDefinition.slices().matching("dev.omniflow.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule librariesDoNotPrint =
            GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

    @ArchTest
    static final ArchRule loggingGoesThroughSlf4j =
            GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
}
