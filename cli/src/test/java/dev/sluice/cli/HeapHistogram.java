package dev.sluice.cli;

import java.lang.management.ManagementFactory;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What lies on this JVM's heap after a full collection.
 *
 * @param predictors how many models are ready to answer
 */
record HeapHistogram(double megabytes, long predictors) {
    /** The serial collector leaves dead objects at the heap's beginning, and moves all on each fourth collection only. */
    private static final int COLLECTIONS = 4;

    static HeapHistogram now() {
        return Stream.generate(HeapHistogram::afterOneCollection)
                .limit(COLLECTIONS)
                .min(Comparator.comparing(HeapHistogram::megabytes))
                .orElseThrow();
    }

    private static HeapHistogram afterOneCollection() {
        try {
            String text = (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {null},
                            new String[] {String[].class.getName()});
            return new HeapHistogram(
                    number(text, "(?m)^Total +\\d+ +(\\d+)") / 1e6,
                    number(text, "(?m)^ *\\d+: +(\\d+) +\\d+ +dev\\.sluice\\.schemas\\.Predictor\\b"));
        } catch (JMException e) {
            throw new AssertionError(e);
        }
    }

    private static long number(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }
}
