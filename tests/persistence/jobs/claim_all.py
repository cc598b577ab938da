"""Take every job of a queue, one after the other, and print its id: what several processes do at once in a test."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from src.persistence.jobs.job_queue import JobQueue
from src.persistence.jobs.job_records import JobLimits, JobProgress

if __name__ == "__main__":
    with JobQueue(Path(sys.argv[1])) as queue:
        while queue.list_jobs(("waiting",)):
            claimed = queue.claim(JobLimits(at_once=64))
            if claimed is not None:
                job, lease = claimed
                print(job.id, flush=True)
                lease.beat(JobProgress("work", 1, 2), 0.1)
                time.sleep(0.01)  # so that the others get some, too
                lease.end("done", "", {}, 0.2)
                lease.close()
