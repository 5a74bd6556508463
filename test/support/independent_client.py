"""A client of Pulsar's WebSocket API that knows nothing of orderlab: websocket-client from PyPI and the standard library.

It plays one story on the broker whose addresses it is given and prints what it sees, without anything that differs from
one broker to the next (message ids, times). Two brokers behave alike when the output is the same.
"""

import base64
import json
import sys
import time
import urllib.request

import websocket

DEADLINE_SECONDS = 60


class Story:
    def __init__(self, url, admin_url, namespace):
        self.url = url
        self.admin_url = admin_url
        self.namespace = namespace

    def admin(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.admin_url}/admin/v2{path}", data, method=method)
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
            text = answer.read().decode()
            return json.loads(text) if text.startswith(("{", "[")) else text

    def connect(self, kind, rest):
        address = f"{self.url}/ws/v2/{kind}/persistent/{self.namespace}/{rest}"
        return websocket.create_connection(address, timeout=DEADLINE_SECONDS)

    def refusal(self, kind, rest):
        try:
            self.connect(kind, rest).close()
            return "let in"
        except websocket.WebSocketBadStatusException as refused:
            return f"HTTP {refused.status_code}"

    def publish(self, messages):
        producer = self.connect("producer", "orders?producerName=story")
        for key, text in messages:
            payload = base64.b64encode(text.encode()).decode()
            producer.send(json.dumps({"key": key, "payload": payload, "context": text, "properties": {"from": "python"}}))
        receipts = [json.loads(producer.recv()) for _ in messages]
        producer.close()
        return sorted((receipt["context"], receipt["result"]) for receipt in receipts)

    def backlog_is(self, count):
        path = f"/persistent/{self.namespace}/orders/stats?getPreciseBacklog=true"
        for _ in range(DEADLINE_SECONDS * 10):
            if self.admin("GET", path)["subscriptions"]["shop"]["msgBacklog"] == count:
                return f"backlog {count}"
            time.sleep(0.1)
        return "the backlog is another one"


def text_of(push):
    return base64.b64decode(push["payload"]).decode()


def take(consumer, count):
    """Asks for that many messages, in pull mode, and waits for them."""
    consumer.send(json.dumps({"type": "permit", "permitMessages": count}))
    return [json.loads(consumer.recv()) for _ in range(count)]


def answer(consumer, push, kind=None):
    command = {"messageId": push["messageId"]}
    consumer.send(json.dumps(command if kind is None else {"type": kind, **command}))


def close_code(connection, text):
    connection.send(text)
    opcode, data = connection.recv_data(control_frame=True)
    return int.from_bytes(data[:2], "big") if opcode == websocket.ABNF.OPCODE_CLOSE else f"opcode {opcode}"


def play(story):
    say = lambda *words: print(*words, flush=True)
    story.admin("PUT", f"/persistent/{story.namespace}/orders")
    story.admin("PUT", f"/persistent/{story.namespace}/orders/subscription/shop", "earliest")
    keys = [f"customer-{index % 4}" for index in range(8)]
    say("published", story.publish([(key, f"{key}/{index}") for index, key in enumerate(keys)]))

    query = "subscriptionType=Key_Shared&pullMode=true&receiverQueueSize=100&negativeAckRedeliveryDelay=200"
    first = story.connect("consumer", f"orders/shop?{query}&consumerName=first")
    pushes = take(first, 8)
    for push in sorted(pushes, key=lambda each: (each["key"], text_of(each))):
        say("first got", push["key"], text_of(push), push["redeliveryCount"], push["properties"])
    say("another type is", story.refusal("consumer", "orders/shop?subscriptionType=Shared"))
    say("an unknown type is", story.refusal("consumer", "orders/shop?subscriptionType=KeyShared"))

    for push in pushes[1:]:
        answer(first, push)
    say(story.backlog_is(1))
    answer(first, pushes[0], "negativeAcknowledge")
    [again] = take(first, 1)
    say("again", text_of(again), again["redeliveryCount"], again["messageId"] == pushes[0]["messageId"])
    first.close()

    second = story.connect("consumer", f"orders/shop?{query}&consumerName=second")
    [left] = take(second, 1)
    say("second got", text_of(left), left["redeliveryCount"])
    answer(second, left)
    say(story.backlog_is(0))
    second.send(json.dumps({"type": "isEndOfTopic"}))
    say("end of topic", json.loads(second.recv()))
    say("a frame without an id closes with", close_code(second, "{}"))

    reader = story.connect("reader", "orders?messageId=earliest")
    say("read", [text_of(json.loads(reader.recv())) for _ in keys])
    reader.close()

    stats = story.admin("GET", f"/persistent/{story.namespace}/orders/internalStats")
    say("entries", stats["numberOfEntries"], stats["cursors"]["shop"]["individuallyDeletedMessages"])


if __name__ == "__main__":
    play(Story(*sys.argv[1:4]))
