"""Jobs in the background, with a stand-in for the command: its progress, its end, and who sees that it runs."""

import os
import signal
import sys
import time

import pytest

from assistant.versions.jobs import Jobs, JobUnderWay, NoSuchJob

WAITS = "import time; time.sleep(60)"
TIDIES = """
import json, pathlib, signal, sys, time
out = pathlib.Path(sys.argv[1])
def stop(*_):
    (out.parent / "tidied").write_text("yes")
    sys.exit(143)
signal.signal(signal.SIGTERM, stop)
out.write_text(json.dumps({"step": 1, "loss": 2.5}) + chr(10) + '{"step": 2, "lo')
time.sleep(60)
"""


@pytest.fixture
def jobs(tmp_path):
    made = Jobs(tmp_path / "jobs")
    yield made
    if left := made.running():
        made.cancel(left.name, "the test")
        until(lambda: made.running() is None)


def until(is_so, seconds=20.0):
    end = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)
    return found


def starts(jobs, code, kind="train"):
    return jobs.start(kind, "more returns", "tess", lambda progress: [sys.executable, "-c", code, str(progress)])


def ended(jobs, job):
    return until(lambda: (found := jobs.job(job.name)).state != "running" and found)


def test_a_job_tells_how_it_goes_on_and_ends(jobs):
    code = """
import json, sys
print("hello from the training")
with open(sys.argv[1], "a") as file:
    for step in (1, 2):
        file.write(json.dumps({"step": step, "steps": 2, "loss": 1 / step}) + chr(10))
"""
    job = ended(jobs, starts(jobs, code))
    assert (job.state, job.kind, job.subject, job.by) == ("done", "train", "more returns", "tess")
    assert job.started_at <= job.ended_at
    assert [one["loss"] for one in job.progress] == [1.0, 0.5]
    assert (job.latest("step"), job.latest("nothing")) == (2, None)
    assert "hello from the training" in jobs.log(job.name)
    assert jobs.latest() == job and jobs.running() is None


def test_a_job_that_fails_says_so_and_why(jobs):
    job = ended(jobs, starts(jobs, "raise SystemExit('no examples')"))
    assert job.state == "failed" and "no examples" in jobs.log(job.name)


def test_there_is_one_at_a_time_whoever_asks(jobs):
    job = starts(jobs, WAITS)
    assert job.state == "running"
    with pytest.raises(JobUnderWay, match="train more returns, by tess"):
        starts(Jobs(jobs.root), WAITS, kind="report")
    jobs.cancel(job.name, "kim")
    assert ended(jobs, job).state == "cancelled"
    assert ended(jobs, starts(jobs, "pass")).state == "done"


def test_a_job_told_to_stop_tidies_up_first(jobs):
    job = starts(jobs, TIDIES)
    until(lambda: jobs.job(job.name).progress)
    assert jobs.job(job.name).progress == ({"step": 1, "loss": 2.5},), "half a line is left for the next time"
    jobs.cancel(job.name, "kim")
    assert ended(jobs, job).state == "cancelled"
    assert (jobs.root / job.name / "tidied").is_file()
    with pytest.raises(NoSuchJob, match="ended already"):
        jobs.cancel(job.name, "kim")


def test_it_runs_on_for_a_server_that_starts_anew(jobs):
    job = starts(jobs, TIDIES)
    restarted = Jobs(jobs.root)
    assert until(lambda: restarted.job(job.name).progress)
    assert restarted.running().name == job.name
    restarted.cancel(job.name, "kim")
    assert ended(restarted, job).state == "cancelled"


def test_a_job_that_was_killed_is_lost_and_stands_in_nobodys_way(jobs):
    job = starts(jobs, TIDIES)
    until(lambda: jobs.job(job.name).progress)
    os.killpg(int((jobs.root / job.name / "pid").read_text("utf-8")), signal.SIGKILL)
    assert ended(jobs, job).state == "lost"
    assert ended(jobs, starts(jobs, "pass")).state == "done"


def test_while_the_command_lives_the_job_does_even_without_its_keeper(jobs):
    job = starts(jobs, TIDIES)
    until(lambda: jobs.job(job.name).progress)
    os.kill(int((jobs.root / job.name / "pid").read_text("utf-8")), signal.SIGKILL)
    time.sleep(0.1)
    assert jobs.job(job.name).state == "running"
    jobs.cancel(job.name, "kim")
    assert ended(jobs, job).state == "cancelled"


@pytest.mark.parametrize("name", ["../../etc", "20261128-000000-zzzzzz", ""])
def test_what_is_no_job_is_refused(jobs, name):
    with pytest.raises(NoSuchJob):
        jobs.log(name)
