"""Prints predictions as they come: python3 docs/examples/predictions.py [BOOTSTRAP [HOW_MANY]]"""
import io, json, pathlib, sys

import avro.io, avro.schema
from confluent_kafka import Consumer

bootstrap = sys.argv[1] if len(sys.argv) > 1 else "localhost:9092"
how_many = int(sys.argv[2]) if len(sys.argv) > 2 else None
root = pathlib.Path(__file__).resolve().parents[2]
schema = avro.schema.parse((root / "schemas/src/main/resources/dev/sluice/schemas/published/Prediction.1.avsc").read_text())
reader = avro.io.DatumReader(schema)


def decode(value):
    if value[:1] == b"{":  # predictions.format=json
        return json.loads(value)
    body = io.BytesIO(value[10:])  # single-object Avro: C3 01, 8 bytes of fingerprint, the body
    return reader.read(avro.io.BinaryDecoder(body))


consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "python-example", "auto.offset.reset": "earliest"})
consumer.subscribe(["predictions"])
while how_many is None or how_many > 0:
    record = consumer.poll(1.0)
    if record is None or record.error():
        continue
    prediction = decode(record.value())
    print(prediction["postId"], prediction["status"], prediction.get("label"), prediction.get("confidence"), flush=True)
    how_many = None if how_many is None else how_many - 1
consumer.close()
