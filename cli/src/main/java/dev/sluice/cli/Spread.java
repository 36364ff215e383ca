package dev.sluice.cli;

import java.util.List;

/**
 * Several measurements of one thing.
 *
 * @param mean their mean
 * @param deviation their sample standard deviation (divided by n - 1); 0 of one
 */
record Spread(double mean, double deviation) {
    /** @throws IllegalArgumentException if there is none */
    static Spread of(List<Double> values) {
        double mean = values.stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow(() -> new IllegalArgumentException("no measurements"));
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return new Spread(mean, values.size() == 1 ? 0 : Math.sqrt(squares / (values.size() - 1)));
    }
}
