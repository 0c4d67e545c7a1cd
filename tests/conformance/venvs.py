"""A virtual environment for each engine, made once for each set of pinned packages."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys

PINNED = json.loads((pathlib.Path(__file__).parent / "requirements.json").read_text())


def python(engine, folder):
    """The interpreter with the engine's packages. Raises RuntimeError when they cannot be installed."""
    packages = PINNED[engine]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    mark = hashlib.sha256("\n".join([version, *packages]).encode()).hexdigest()[:16]
    venv = folder / f"venv-{engine}"
    done = venv / f"made-of-{mark}"
    if not done.exists():
        shutil.rmtree(venv, ignore_errors=True)
        make(venv, packages)
        done.touch()
    return venv / "bin" / "python"


def make(venv, packages):
    for command in (
        [sys.executable, "-m", "venv", str(venv)],
        [str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages],
    )[: 2 if packages else 1]:
        try:
            ran = subprocess.run(command, timeout=900, capture_output=True, text=True)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RuntimeError(f"{' '.join(packages)} cannot be installed: {error}") from error
        if ran.returncode != 0:
            lines = (ran.stderr or ran.stdout).strip().splitlines() or ["no reason given"]
            raise RuntimeError(f"{' '.join(packages)} cannot be installed: {lines[-1]}")
