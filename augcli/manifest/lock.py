"""One run at a time in an output folder, or one for each shard.

The kernel's lock (`flock`) goes when its process does, so nothing is left locked after a kill. Where the file
system has none (some network file systems), the file itself is the lock: it appears at once with its owner in
it, by a hard link, and one whose owner is dead is taken over by whoever holds the lock of that takeover.

A run of the whole folder and its shards exclude each other: each takes its own lock first and looks at the
others' then, so that of two starters at least one sees the other.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from augcli import storage
from augcli.errors import OutputBusy, Problem
from augcli.manifest.owner import Owner
from augcli.shard import Shard

LOCK = ".augment.lock"

_UNSUPPORTED = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}


@contextlib.contextmanager
def locked(output: Path, shard: Shard | None = None) -> Iterator[None]:
    """Hold the output folder, or one shard of it; the folder is made when it is missing.

    Raises `OutputBusy` when another run holds it, `Aborted` when the folder cannot be written to.
    """
    path = output / (LOCK + (shard.suffix if shard else ""))
    try:
        output.mkdir(parents=True, exist_ok=True)
        release = _acquired(path)
    except OSError as error:
        raise storage.failure(path, error) from error
    try:
        refuse_busy(output, shard, path.name)
        yield
    finally:
        release()


def refuse_busy(output: Path, shard: Shard | None = None, mine: str = "") -> None:
    """Raise `OutputBusy` when a run is at work in the folder that may not be there beside this one.

    mine   the name of the lock that is held by this run; shards of one division may be there beside it
    """
    for name in storage.names(output) if output.is_dir() else ():
        other = Shard.named(name.removeprefix(f"{LOCK}."))
        beside = shard is not None and other is not None and shard.of == other.of
        if (name == LOCK or other) and name != mine and not beside:
            _refuse_held(output / name)


def _acquired(path: Path) -> Callable[[], None]:
    """Take the lock of this file; what releases it."""
    if not _kernel_locks(path):
        me = Owner.me(kernel=False)
        _take(path, me)
        return lambda: _give_back(path, me)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            if _locked_by_kernel(handle, path):
                os.ftruncate(handle, 0)
                os.pwrite(handle, Owner.me(kernel=True).data(), 0)
                return lambda: _unlock(path, handle)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _kernel_locks(path: Path) -> bool:
    """Whether `flock` works here, tried on a file that nobody else has."""
    trial = path.with_name(storage.temporary_name(f"{path.name} {Owner.me(kernel=True)}"))
    handle = os.open(trial, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        return False
    finally:
        os.close(handle)
        with contextlib.suppress(OSError):
            trial.unlink()
    return True


def _locked_by_kernel(handle: int, path: Path) -> bool:
    """Whether the lock is ours; False to try again. Raises `OutputBusy`."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _busy(path, _owner(handle)) from error
    owner = _owner(handle)
    if not owner.kernel and not owner.gone():  # a machine for which `flock` does not work here
        raise _busy(path, owner)
    # The owner before may have unlinked the file between our opening and our locking it.
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(handle), path.stat())
    return False


def _unlock(path: Path, handle: int) -> None:
    with contextlib.suppress(OSError):
        path.unlink()  # while it is held, so that nobody can be holding this file any more
    os.close(handle)


def _take(path: Path, me: Owner) -> None:
    """Make the file appear with its owner. Raises `OutputBusy` when it is there and its owner is not gone."""
    while not _appears(path, me.data()):
        found = _content(path)
        if found is None:
            continue
        owner = Owner.read(found)
        if not owner.gone():
            raise _busy(path, owner)
        # Only one may take over what this owner left: who holds the lock named after that very owner.
        takeover = path.with_name(f"{path.name}-{hashlib.blake2b(found, digest_size=8).hexdigest()}")
        _take(takeover, me)
        try:
            if _content(path) == found:
                path.unlink()
        finally:
            _give_back(takeover, me)


def _appears(path: Path, data: bytes) -> bool:
    """Whether the file could be made with these bytes, whole at once; False where there is one."""
    own = path.with_name(storage.temporary_name(f"{path.name} {data!r}"))
    _create(own, data, os.O_EXCL)
    try:
        os.link(own, path)
        return True
    except FileNotFoundError:  # swept away by a run that has the lock
        return False
    except FileExistsError:
        with contextlib.suppress(FileNotFoundError):
            return own.stat().st_nlink == 2  # a network file system answers so to what it was asked twice
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    finally:
        with contextlib.suppress(OSError):
            own.unlink()
    try:
        _create(path, data, os.O_EXCL)
    except FileExistsError:
        return False
    return True


def _create(path: Path, data: bytes, how: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, 0o666)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def _give_back(path: Path, me: Owner) -> None:
    with contextlib.suppress(OSError):
        if _content(path) == me.data():
            path.unlink()


def _refuse_held(path: Path) -> None:
    """Raise `OutputBusy` when somebody holds the lock of this file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise storage.failure(path, error) from error
    try:
        owner = _owner(handle)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _busy(path, owner) from error
        except OSError:
            held = not owner.gone()
        else:
            held = not owner.kernel and not owner.gone()
        if held:
            raise _busy(path, owner)
    finally:
        os.close(handle)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()[:4096]
    except FileNotFoundError:
        return None


def _owner(handle: int) -> Owner:
    try:
        return Owner.read(os.pread(handle, 4096, 0))
    except OSError:
        return Owner()


def _busy(path: Path, owner: Owner) -> OutputBusy:
    remedy = f"try later; if that run is gone, remove {path}"
    return OutputBusy(Problem(str(path.parent), f"in use by {owner}", remedy))
