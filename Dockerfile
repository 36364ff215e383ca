# One service as an image: docker build --build-arg SERVICE=embedder-service --build-arg MAIN=dev.sluice.embedder.EmbedderMain .
# The jars are built before, on the host: mvn -Dquick package
FROM eclipse-temurin:17-jre

ARG SERVICE
ARG MAIN
ENV MAIN=${MAIN}

RUN useradd --uid 1001 --create-home sluice && mkdir /data && chown sluice /data
USER sluice
WORKDIR /data

COPY ${SERVICE}/target/lib/ /opt/sluice/lib/
COPY ${SERVICE}/target/${SERVICE}-*.jar /opt/sluice/lib/

# exec: the JVM gets the signals, and stops in order
CMD exec java -XX:MaxRAMPercentage=75 \
    -Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.sluice.schemas \
    -cp '/opt/sluice/lib/*' "$MAIN"
