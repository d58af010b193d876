"""measured.py SECONDS COMMAND ...: run a command, end it after so long, and print what it took as a line of JSON.

A process of its own, and a small one: the peak of memory that the system tells of a child begins at that of its parent.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time

TOLD = 400  # characters of the last line of an error


def main() -> None:
    cap, command = float(sys.argv[1]), sys.argv[2:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    start = time.perf_counter()
    # In a session of its own, so that what it started ends with it.
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        said, wrong = child.communicate(timeout=cap)
        status = "failed" if child.returncode else "done"
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        said, wrong = child.communicate()
        status = "timed out"
    except BaseException:  # an interrupt ends what was started too
        os.killpg(child.pid, signal.SIGKILL)
        raise
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = [line for line in (wrong or "").splitlines() if line.strip()]
    result = {
        "status": status,
        "why": lines[-1][:TOLD] if status == "failed" and lines else "",
        "said": said or "",
        "seconds": round(time.perf_counter() - start, 2),
        "processor": round(used.ru_utime + used.ru_stime, 2),
        "memory": round(used.ru_maxrss / 1024),  # megabytes
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
