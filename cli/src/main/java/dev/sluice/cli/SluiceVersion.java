package dev.sluice.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version that the jar was built as; classes that lie outside a jar have none. */
final class SluiceVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Optional.ofNullable(SluiceVersion.class.getPackage().getImplementationVersion())
                .orElse("(from classes)");
        return new String[] {"sluice " + version + ", Java " + Runtime.version().feature()};
    }
}
