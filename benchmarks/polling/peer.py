"""The `reader` library, used as its documentation says, on the first feeds of the list.

    python benchmarks/polling/peer.py FILE < addresses.json

For every line on standard input after the addresses it updates all feeds and prints what it took as JSON.
"""

import json
import resource
import sqlite3
import sys
import time

from reader import make_reader

WORKERS = 16


def main() -> None:
    path = sys.argv[1]
    urls = json.loads(sys.stdin.readline())
    reader = make_reader(path)
    for url in urls:
        reader.add_feed(url)
    for _phase in sys.stdin:
        with sqlite3.connect(path) as base:
            base.execute("UPDATE feeds SET update_after = NULL")  # everything is due
        base.close()
        started, before = time.monotonic(), time.process_time()
        reader.update_feeds(workers=WORKERS)
        figures = {"wall": time.monotonic() - started, "cpu": time.process_time() - before}
        figures |= {"entries": reader.get_entry_counts().total or 0}
        figures |= {"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
