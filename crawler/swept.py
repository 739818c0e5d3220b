"""What a fork server imports whose socket lies in a folder of its starter's own: the folder goes with the server.

The starter removes it itself unless it is killed. The server ends when the last process that could ask it is gone,
however that went.
"""

import atexit
import shutil
from multiprocessing import forkserver
from pathlib import Path


@atexit.register
def _sweep() -> None:
    if address := forkserver._forkserver._forkserver_address:  # type: ignore[attr-defined]
        shutil.rmtree(Path(address).parent, ignore_errors=True)
