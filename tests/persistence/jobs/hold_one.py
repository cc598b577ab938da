"""Take a job and sit on it until killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from src.persistence.jobs.job_queue import JobQueue
from src.persistence.jobs.job_records import JobLimits

if __name__ == "__main__":
    with JobQueue(Path(sys.argv[1])) as queue:
        claimed = queue.claim(JobLimits())
        print(claimed[0].id if claimed else "none", flush=True)
        time.sleep(60)
