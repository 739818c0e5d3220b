"""What a fork server imports whose socket lies in a folder of its starter's own: the folder goes with the server.

The starter removes it itself unless it is killed. The server ends when the last process that could ask it is gone,
however that went.
"""

import atexit
import shutil
from multiprocessing import forkserver
from pathlib import Path
from typing import Any


@atexit.register
def _sweep() -> None:
    state: Any = forkserver._forkserver
    if state._forkserver_pid is None and (address := state._forkserver_address):  # this process has no server: it is it
        shutil.rmtree(Path(address).parent, ignore_errors=True)
