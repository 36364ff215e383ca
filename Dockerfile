# The services and the command line as images. docker/build prepares the jars, and builds all that docker-compose.yml names; one alone:
#   docker build --target service --build-arg SERVICE=embedder-service --build-arg MAIN=dev.sluice.embedder.EmbedderMain .
FROM eclipse-temurin:17-jre AS base
ARG SERVICE
ARG MAIN
RUN useradd --uid 1001 --create-home sluice \
    && mkdir -p /data/state /opt/sluice && chown -R sluice /data \
    && printf '%s\n' -XX:MaxRAMPercentage=75 -XX:+ExitOnOutOfMemoryError \
      '-Djdk.serialFilter=!*' -Dorg.apache.avro.SERIALIZABLE_PACKAGES=dev.sluice.schemas -cp '/opt/sluice/lib/*' "$MAIN" > /opt/sluice/run
COPY docker/target/${SERVICE}/lib/ /opt/sluice/lib/
USER sluice
WORKDIR /data
# No shell between: Java is process 1, gets the signals and stops in order.
ENTRYPOINT ["java", "@/opt/sluice/run"]

# Runs a command and ends: docker run --rm IMAGE demo
FROM base AS cli

FROM base AS service
COPY docker/healthy /opt/sluice/healthy
# Inside the container alone; to scrape /metrics from outside, set SLUICE_HTTP_HOST=0.0.0.0 too.
ENV SLUICE_HTTP_PORT=8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/opt/sluice/healthy"]
