"""Writes packages/models/test/fixtures/calibration.json: torchmetrics 1.9.0 on logits that are drawn here."""

import json
from pathlib import Path

import numpy as np
import torch
from torchmetrics.functional.classification import multiclass_calibration_error, multiclass_accuracy
rng = np.random.default_rng(0)
cases = []
for n, classes, scale in [(40, 10, 2.0), (64, 3, 1.0), (30, 7, 6.0)]:
    logits = np.round(rng.normal(size=(n, classes)) * scale, 3).astype(np.float32)
    labels = np.where(rng.random(n) < .5, logits.argmax(1), rng.integers(0, classes, n))
    z, y = torch.tensor(logits), torch.tensor(labels)
    p = z.double().softmax(1)
    case = {"logits": logits.astype(float).round(3).tolist(), "labels": labels.tolist()}
    case["calibrationError"] = {str(b): float(multiclass_calibration_error(p, y, classes, n_bins=b, norm="l1")) for b in (1, 5, 15)}
    case["topK"] = {str(k): float(multiclass_accuracy(z, y, classes, top_k=k, average="micro")) for k in (1, 2, 3)}
    cases.append(case)
target = Path(__file__).parents[2] / "packages/models/test/fixtures/calibration.json"
target.write_text(json.dumps({"source": "torchmetrics 1.9.0", "cases": cases}) + "\n")
