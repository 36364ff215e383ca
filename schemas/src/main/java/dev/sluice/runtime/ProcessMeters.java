package dev.sluice.runtime;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/**
 * The registry of a process: what Prometheus reads, with the figures of the JVM in it from the start. Services that share the
 * process share it, each through {@link ServiceMeters} of its own.
 *
 * <p>Kafka Streams lists a dozen meters for each processor, store and cache of each task, which it only fills at its recording
 * level DEBUG; they would be thousands of lines without a figure, so they are left out.
 */
public final class ProcessMeters implements AutoCloseable {
    private static final List<String> UNRECORDED = List.of(
            "kafka.stream.processor.node.", "kafka.stream.state.", "kafka.stream.record.cache.", "kafka.stream.topic.");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    public ProcessMeters() {
        registry.config().meterFilter(MeterFilter.deny(ProcessMeters::isUnrecorded));
        List<MeterBinder> binders = List.of(
                new ClassLoaderMetrics(),
                new JvmInfoMetrics(),
                new JvmMemoryMetrics(),
                new JvmThreadMetrics(),
                new ProcessorMetrics(),
                new UptimeMetrics(),
                new FileDescriptorMetrics(),
                collections);
        binders.forEach(binder -> binder.bindTo(registry));
    }

    private static boolean isUnrecorded(Meter.Id id) {
        return UNRECORDED.stream().anyMatch(id.getName()::startsWith);
    }

    public PrometheusMeterRegistry registry() {
        return registry;
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
