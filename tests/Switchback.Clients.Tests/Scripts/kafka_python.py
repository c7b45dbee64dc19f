"""Drives kafka-python: words in on the command line, values in on standard input, tab-separated events out."""
import json
import os
import select
import sys

from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

given = json.loads(os.environ["FOREIGN_CLIENT"])
common = {"bootstrap_servers": given["bootstrap"].split(","), "client_id": "kafka-python", "metadata_max_age_ms": 1000, "reconnect_backoff_max_ms": 500}
if given.get("user"):
    common.update(security_protocol="SASL_SSL", ssl_cafile=given["ca"], sasl_mechanism=given["mechanism"], sasl_plain_username=given["user"], sasl_plain_password=given["password"])


def tell(*words):
    print(*words, sep="\t", flush=True)


def insist(action):
    while True:
        try:
            return action()
        except KafkaError as error:
            print(repr(error), file=sys.stderr, flush=True)


def produce(topic, codec):
    producer = insist(lambda: KafkaProducer(acks="all", retries=1000, compression_type=None if codec == "none" else codec, max_block_ms=120000, **common))
    tell("ready")

    def send(value):
        # A record that waited too long in its buffer is given to it again, as an application does.
        producer.send(topic, value.encode()).add_callback(lambda _: tell("ack", value)).add_errback(lambda error: again.append((value, error)))

    again = []
    for line in sys.stdin:
        send(line.rstrip("\n"))
    producer.flush()
    while again:
        value, error = again.pop()
        print(repr(error), file=sys.stderr, flush=True)
        send(value)
        producer.flush()
    producer.close()


class Assigned(ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked):
        tell("assigned", "")

    def on_partitions_assigned(self, assigned):
        tell("assigned", ",".join(str(p.partition) for p in assigned))


def consume(topic, group):
    consumer = insist(lambda: KafkaConsumer(group_id=group, auto_offset_reset="earliest", enable_auto_commit=True, auto_commit_interval_ms=200,
                                            session_timeout_ms=10000, heartbeat_interval_ms=500, **common))
    consumer.subscribe([topic], listener=Assigned())
    while not select.select([sys.stdin], [], [], 0)[0]:
        for records in insist(lambda: consumer.poll(timeout_ms=200)).values():
            for record in records:
                tell("got", record.partition, record.offset, record.value.decode())
    consumer.commit()
    consumer.close()


def read(topic, partition, offset, count):
    consumer = KafkaConsumer(enable_auto_commit=False, **common)
    where = TopicPartition(topic, int(partition))
    consumer.assign([where])
    consumer.seek(where, int(offset))
    left = int(count)
    for record in consumer:
        tell("got", record.partition, record.offset, record.value.decode())
        left -= 1
        if left == 0:
            break
    consumer.close()


{"produce": produce, "consume": consume, "read": read}[sys.argv[1]](*sys.argv[2:])
