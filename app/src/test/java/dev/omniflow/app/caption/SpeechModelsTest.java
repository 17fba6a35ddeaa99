package dev.omniflow.app.caption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.omniflow.app.CommandException;
import dev.omniflow.app.ExitCode;
import dev.omniflow.app.OmniflowHome;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpeechModelsTest {
    @TempDir private Path root;

    @Test
    void findsTheNewestVersion() throws Exception {
        OmniflowHome home = Bundles.home(root);
        Bundles.make(home, "whisper-base", "1.9.0", "speech-recognition", "{}");
        Bundles.make(home, "whisper-base", "1.10.0", "speech-recognition", "{}");
        assertThat(SpeechModels.find(home, "whisper-base").byRole())
                .isEqualTo(
                        Map.of(
                                "voice-activity", "silero-vad@1.0.0",
                                "speech-recognition", "whisper-base@1.10.0"));
    }

    @Test
    void takesABundleByItsPath() throws Exception {
        OmniflowHome home = Bundles.home(root);
        OmniflowHome elsewhere = new OmniflowHome(root.resolve("elsewhere"));
        Path own = Bundles.make(elsewhere, "mine", "2.0.0", "speech-recognition", "{de: 1}");
        SpeechModels models = SpeechModels.find(home, own.toString());
        assertThat(models.recogniser().id()).hasToString("mine@2.0.0");
        assertThat(models.folders()).contains(own.toString());
        assertThat(models.languages()).containsExactly("de");
    }

    @Test
    void saysHowToMakeWhatIsMissing() {
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> SpeechModels.find(new OmniflowHome(root), "whisper-base"))
                .withMessageContaining("omniflow models make whisper-base")
                .matches(problem -> problem.exitCode() == ExitCode.MISSING);
    }

    @Test
    void refusesWhatIsNoModel() throws Exception {
        OmniflowHome home = Bundles.home(root);
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> SpeechModels.find(home, "whisper-huge"))
                .withMessageContaining("whisper-base, whisper-tiny.en")
                .matches(problem -> problem.exitCode() == ExitCode.USAGE);
        Path voice = home.bundles().resolve("silero-vad/1.0.0");
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> SpeechModels.find(home, voice.toString()))
                .withMessageContaining("voice-activity")
                .withMessageContaining("speech-recognition");
    }

    @Test
    void knowsTheLanguagesOfItsModel() throws Exception {
        OmniflowHome home = Bundles.home(root);
        SpeechModels many = SpeechModels.find(home, "whisper-base");
        assertThat(many.language("auto")).isEmpty();
        assertThat(many.language("fr")).hasValue("fr");
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> many.language("xx"))
                .withMessageContaining("--language xx")
                .withMessageContaining("--list-languages");
        SpeechModels english = SpeechModels.find(home, "whisper-tiny.en");
        assertThat(english.language("auto")).hasValue("en");
        assertThat(english.language("en")).hasValue("en");
        assertThatExceptionOfType(CommandException.class)
                .isThrownBy(() -> english.language("fr"))
                .withMessageContaining("English alone");
    }
}
