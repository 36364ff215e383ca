package dev.sluice.schemas;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro that it may make the records of this package, and no other class: since 1.12.2 Avro makes only what it was
 * told to trust, so that a schema from outside cannot name a class to load. Runs when the codecs are first touched; where
 * records are built before that, the system property {@code org.apache.avro.SERIALIZABLE_PACKAGES=dev.sluice.schemas}
 * says the same.
 */
final class TrustedRecords {
    static {
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(), type -> type.getPackage() == TrustedRecords.class.getPackage()));
    }

    private TrustedRecords() {}

    /** Does its work once, when the class is loaded. */
    static void install() {}
}
