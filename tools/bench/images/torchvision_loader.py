"""Goes over a folder of images as often as a line comes in: torchvision's ImageFolder in a DataLoader.

python3 torchvision_loader.py FOLDER WORKERS BATCH  (prints the seconds of an epoch, of the wall and of
processors, and its images, as JSON; Linux only)
"""

import json
import multiprocessing
import os
import sys
import time

import torch
import torchvision
from torchvision import transforms

folder, workers, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(1)
view = transforms.Compose(
    [
        transforms.RandomResizedCrop(224),
        transforms.RandomHorizontalFlip(),
        transforms.ToTensor(),
        transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)


def used():
    """The seconds that this process and its workers have had of processors."""
    ticks = 0
    for process in [os.getpid(), *(child.pid for child in multiprocessing.active_children())]:
        with open(f"/proc/{process}/stat") as stat:
            ticks += sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def main():
    images = torchvision.datasets.ImageFolder(f"{folder}/train", view)
    loader = torch.utils.data.DataLoader(
        images, batch_size=batch, shuffle=True, num_workers=workers, persistent_workers=True
    )
    for _ in sys.stdin:
        start, before, count = time.perf_counter(), used(), 0
        for pixels, labels in loader:
            count += len(labels)
        peer = f"torchvision {torchvision.__version__}, torch {torch.__version__}"
        spent = {"seconds": time.perf_counter() - start, "cpu": used() - before}
        print(json.dumps({**spent, "count": count, "peer": peer}), flush=True)


if __name__ == "__main__":
    main()
