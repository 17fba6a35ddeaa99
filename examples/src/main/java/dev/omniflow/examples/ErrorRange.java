package dev.omniflow.examples;

/**
 * By how much forecasts are usually off, and whether they are now.
 *
 * @param learnt errors from which it was learnt
 * @param meanSquare mean of their squares, where later ones count more
 * @param quietNeeded errors in the usual range that have to come before all is well again; 0 when
 *     all is well
 */
record ErrorRange(long learnt, double meanSquare, int quietNeeded) {
    static final ErrorRange UNKNOWN = new ErrorRange(0, 0, 0);

    /** Root of the mean square. */
    double usual() {
        return Math.sqrt(meanSquare);
    }

    /** Whether an error is as usual; while there is too little to tell, any number is. */
    boolean holds(double error, ForecastModel model) {
        boolean learning = learnt < model.learningReadings();
        return Double.isFinite(error)
                && (learning || Math.abs(error) <= model.alarmFactor() * usual());
    }

    /** Whether an alarm was raised that has not ended. */
    boolean inAlarm() {
        return quietNeeded > 0;
    }

    /** After an error in the range. What comes during an alarm is not learnt. */
    ErrorRange afterUsual(double error, ForecastModel model) {
        if (inAlarm()) {
            return new ErrorRange(learnt, meanSquare, quietNeeded - 1);
        }
        long window = Math.min(learnt + 1, model.learningReadings());
        return new ErrorRange(
                learnt + 1, meanSquare + (error * error - meanSquare) / window, quietNeeded);
    }

    /** After an error out of the range. */
    ErrorRange afterUnusual(ForecastModel model) {
        return new ErrorRange(learnt, meanSquare, model.quietReadings());
    }
}
