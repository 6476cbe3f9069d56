"""Writes packages/models/test/fixtures/positions.json: position embeddings of a grid of 4 x 4 patches after a class
token, and what timm makes of them for other grids. Needs torch and timm.

    python tools/vectors/positions.py
"""

import json
from pathlib import Path

import torch
from timm.layers import resample_abs_pos_embed

torch.manual_seed(0)
positions = torch.randn(1, 17, 2)
grids = [[4, 4], [7, 5], [2, 3], [8, 8]]
resampled = {
    "x".join(map(str, grid)): resample_abs_pos_embed(positions, grid, num_prefix_tokens=1).flatten().tolist() for grid in grids
}
path = Path(__file__).parents[2] / "packages/models/test/fixtures/positions.json"
path.write_text(json.dumps({"positions": positions.flatten().tolist(), "resampled": resampled}) + "\n")
