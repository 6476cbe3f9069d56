"""Records of a TensorBoard event file as TensorBoard's own writer makes them (pip install tensorboard).

Writes packages/train/test/fixtures/tensorboard-events.json: hexadecimal records of given contents.
"""

import io
import json
import pathlib

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def record(event):
    class Kept(io.BytesIO):
        def close(self):
            pass

    file = Kept()
    RecordWriter(file).write(event.SerializeToString())
    return file.getvalue().hex()


def scalars(seconds, step, pairs):
    values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in pairs]
    event = event_pb2.Event(wall_time=seconds, step=step, summary=summary_pb2.Summary(value=values))
    return {"seconds": seconds, "step": step, "scalars": pairs, "record": record(event)}


seconds = 1_790_000_000.125
long = "test/" + "λ" * 100
content = {
    "version": {"seconds": seconds, "record": record(event_pb2.Event(wall_time=seconds, file_version="brain.Event:2"))},
    "restart": {
        "seconds": seconds,
        "step": 300,
        "record": record(
            event_pb2.Event(
                wall_time=seconds, step=300, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)
            )
        ),
    },
    "scalars": [
        scalars(seconds, 1, [("train/loss", 2.5), ("train/rho", 0.05)]),
        scalars(seconds, 2**40, [(long, -1e-30)]),
        scalars(seconds, 127, [(f"train/{i}", i / 7) for i in range(40)]),
    ],
}
path = pathlib.Path(__file__).parents[2] / "packages/train/test/fixtures/tensorboard-events.json"
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
