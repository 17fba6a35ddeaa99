package dev.omniflow.onnx;

/** The multilingual bundle, which has two more layers and heads. */
class WhisperBaseContractIT extends WhisperContractIT {
    @Override
    String bundle() {
        return "whisper-base";
    }
}
