"""The files: believed only if they are what they should be, whole or not there, never a crash."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from pdutui.domain.commands import Actor
from pdutui.domain.plan import Plan, PlanStep
from pdutui.engine.plans import files
from pdutui.engine.plans.book import KEPT, Book, NotForTwo, Taken
from pdutui.engine.plans.files import FileTrouble, Held
from pdutui.engine.plans.progress import Line, ProgressDamaged, parse
from pdutui.engine.plans.record import encode
from tests.engine.plans.helpers import ALICE, NAMES, Owners
from tests.support.clock import START

STEP = PlanStep(pdu="rack1-a", outlet=3, action="off", name="db01", before="on")


def plan(plan_id: str = "K7Q2MX", **more: object) -> Plan:
    values: dict[str, object] = {
        "id": plan_id, "title": "Turn off", "source": "console", "author": ALICE,
        "created": START, "steps": (STEP, STEP),
    }  # fmt: skip
    return Plan(**(values | more))  # type: ignore[arg-type]


@pytest.fixture
def owners() -> Owners:
    return Owners()


@pytest.fixture
def book(tmp_path: Path, owners: Owners) -> Book:
    return Book(tmp_path / "plans", uid=1001, owner=owners, name_of=lambda n: NAMES[n])


def line(n: int, **more: object) -> Line:
    return Line(n=n, plan="K7Q2MX", time=START, **more)  # type: ignore[arg-type]


def test_a_plan_is_there_whole_and_for_its_owner_alone(book: Book) -> None:
    made = book.create(plan())
    assert made.plan == plan()
    assert made.progress.standing == "fresh"
    found = {one.name: stat.S_IMODE(one.stat().st_mode) for one in book.path.iterdir()}
    assert found == {
        "K7Q2MX.plan.json": 0o600, "K7Q2MX.progress.jsonl": 0o600, "K7Q2MX.lock": 0o600,
    }  # fmt: skip
    assert stat.S_IMODE(book.path.stat().st_mode) == 0o700
    assert book.load({}).plans["K7Q2MX"] == made


def test_a_plan_is_never_written_over(book: Book) -> None:
    before = book.create(plan())
    with pytest.raises(Taken):
        book.create(plan(title="another"))
    assert book.read("K7Q2MX") == before


def test_files_of_a_shared_directory_are_for_its_group(book: Book) -> None:
    book.path.mkdir()
    book.path.chmod(0o3770)
    book.create(plan(needs_approval=True, expires=START + timedelta(hours=1)))
    assert {stat.S_IMODE(one.stat().st_mode) for one in book.path.iterdir()} == {0o640}


@pytest.mark.parametrize("mode", [0o700, 0o770, 0o3750, 0o1777])
def test_a_directory_that_proves_nothing_takes_no_plan_for_two(book: Book, mode: int) -> None:
    book.path.mkdir()
    book.path.chmod(mode)
    with pytest.raises(NotForTwo, match=r"plans_dir|sticky bit") as caught:
        book.create(plan(needs_approval=True, expires=START))
    assert str(book.path) in str(caught.value)
    assert "chmod 3770" in str(caught.value)
    assert list(book.path.iterdir()) == []


def _rewrite(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)


def _link(path: Path) -> None:
    path.rename(path.with_name("kept"))
    path.symlink_to(path.with_name("kept"))


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda p: _rewrite(p, b"\x00\xff garbage"), "is not a plan"),
        (lambda p: _rewrite(p, b"{}"), "is not a plan"),
        (lambda p: _rewrite(p, b""), "is not a plan"),
        (lambda p: _rewrite(p, b" " * 3_000_000), "is longer than"),
        (lambda p: _rewrite(p, p.read_bytes().replace(b"K7Q2MX", b"K7Q2MY")), "holds plan K7Q2MY"),
        (lambda p: _rewrite(p, p.read_bytes().replace(b'"format":1', b'"format":2')), "format 2"),
        (lambda p: _rewrite(p, p.read_bytes().replace(b"Turn off", b"Turn OFF")), "was changed"),
        (lambda p: _rewrite(p, p.read_bytes().replace(b'"outlet":3', b'"outlet":0')), "step 1"),
        (lambda p: _rewrite(p, p.read_bytes().replace(b'"alice"', b'"carol"')), "belongs to alice"),
        (_link, "is a link"),
        (_fifo, "is not a plain file"),
        (lambda p: os.link(p, p.with_name("other")), "has 2 names"),
        (lambda p: p.chmod(0o620), "can be written by others"),
    ],
)
def test_a_plan_that_may_not_be_believed_is_told_and_the_others_stand(
    book: Book, harm: object, said: str
) -> None:
    book.create(plan())
    book.create(plan("AAAAAA"))
    harm(book.path / "K7Q2MX.plan.json")  # type: ignore[operator]
    shelf = book.load({})
    assert set(shelf.plans) == {"AAAAAA"}
    assert said in shelf.damaged["K7Q2MX"]
    assert str(book.path / "K7Q2MX.p") in shelf.damaged["K7Q2MX"]


def test_a_plan_of_somebody_else_under_the_authors_name_is_not_believed(
    book: Book, owners: Owners
) -> None:
    book.create(plan())
    owners.said["K7Q2MX.plan.json"] = 1003
    assert "says it is by alice, and belongs to carol" in book.load({}).damaged["K7Q2MX"]


def test_whose_a_file_is_goes_by_number_where_names_are_the_same(
    tmp_path: Path, owners: Owners
) -> None:
    same = Book(tmp_path / "plans", uid=1001, owner=owners, name_of=lambda n: "alice")
    same.create(plan())
    owners.said["K7Q2MX.plan.json"] = owners.said["K7Q2MX.progress.jsonl"] = 1003
    assert "belongs to alice" in same.load({}).damaged["K7Q2MX"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda p: p.unlink(),
        lambda p: p.write_bytes(b""),
        lambda p: p.write_bytes(p.read_bytes() + encode(line(3, what="started"))),
        lambda p: p.write_bytes(p.read_bytes() + encode(line(2, what="begins", step=7))),
        lambda p: p.chmod(0o666),
    ],
)
def test_progress_that_does_not_fit_makes_the_plan_unusable(book: Book, harm: object) -> None:
    """What was done cannot be known: nobody may go on with it."""
    book.create(plan())
    harm(book.path / "K7Q2MX.progress.jsonl")  # type: ignore[operator]
    assert "K7Q2MX.progress.jsonl" in book.load({}).damaged["K7Q2MX"]


def test_progress_of_another_owner_or_plan_is_not_believed(book: Book, owners: Owners) -> None:
    book.create(plan())
    book.create(plan("AAAAAA"))
    owners.said["K7Q2MX.progress.jsonl"] = 1003
    (book.path / "AAAAAA.progress.jsonl").write_bytes(
        (book.path / "K7Q2MX.progress.jsonl").read_bytes()
    )
    assert set(book.load({}).damaged) == {"K7Q2MX", "AAAAAA"}


def test_a_torn_line_is_as_if_it_had_not_been_written(book: Book) -> None:
    book.create(plan())
    book.append(line(2, what="started"))
    whole = encode(line(3, what="begins", step=0))
    path = book.path / "K7Q2MX.progress.jsonl"
    for cut in range(len(whole) - 1):
        with path.open("ab") as file:
            file.write(whole[:cut])
        loaded = book.read("K7Q2MX")
        assert loaded is not None
        assert loaded.progress.current is None
    book.append(line(3, what="paused"))
    loaded = book.read("K7Q2MX")
    assert loaded is not None
    assert loaded.progress.standing == "paused"


def test_a_line_written_again_counts_once_and_one_that_is_missing_is_found() -> None:
    twice = encode(line(1, what="made")) + encode(line(2, what="started")) * 2
    assert [one.n for one in parse(twice)] == [1, 2]
    with pytest.raises(ProgressDamaged, match="line 2 of it is missing"):
        parse(encode(line(1, what="made")) + encode(line(3, what="done")))


def test_an_append_that_fails_leaves_the_file_as_it_was(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.create(plan())
    path = book.path / "K7Q2MX.progress.jsonl"
    before = path.read_bytes()

    def half(fd: int, data: bytes) -> None:
        os.write(fd, data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write_all", half)
    with pytest.raises(FileTrouble, match=r"K7Q2MX\.progress\.jsonl: No space left on device"):
        book.append(line(2, what="started"))
    assert path.read_bytes() == before


def test_a_plan_that_cannot_be_written_leaves_nothing(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(files, "_write_all", full)
        with pytest.raises(FileTrouble, match="No space left on device"):
            book.create(plan())
    assert list(book.path.iterdir()) == []
    assert book.create(plan()).plan.id == "K7Q2MX"


def test_a_directory_that_is_none_is_told(book: Book) -> None:
    assert book.load({}).plans == {}
    book.path.write_text("a file")
    with pytest.raises(FileTrouble, match=r"Not a directory|File exists"):
        book.load({})
    with pytest.raises(FileTrouble):
        book.create(plan())


def test_a_directory_that_cannot_be_made_is_told() -> None:
    nowhere = Book(Path("/proc/no-such-process/plans"))  # to make it is answered with ENOENT
    assert nowhere.load({}).plans == {}
    with pytest.raises(FileTrouble, match="/proc/no-such-process/plans: No such file"):
        nowhere.create(plan())


def test_garbage_in_the_directory_is_left_alone(book: Book) -> None:
    book.create(plan())
    for name in ("README", ".hidden", "K7Q2MX.approval-x.json", "zzz.plan.json", "AAAAAA.plan.bak"):
        (book.path / name).write_bytes(b"\xff")
    (book.path / "BBBBBB.plan.json").mkdir()
    shelf = book.load({})
    assert set(shelf.plans) == {"K7Q2MX"}
    assert set(shelf.damaged) == {"BBBBBB"}


def test_a_lock_is_for_one_and_goes_with_the_program(book: Book) -> None:
    book.create(plan())
    held = book.hold("K7Q2MX")
    assert isinstance(held, Held)
    assert book.hold("K7Q2MX") is None
    held.let_go()
    held.let_go()
    assert isinstance(book.hold("K7Q2MX"), Held)


def test_an_unchanged_plan_is_not_read_again(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    book.create(plan())
    before = book.load({})
    monkeypatch.setattr(files.Place, "read", lambda *args: pytest.fail("it was read"))
    assert book.load(before.plans).plans == before.plans


def test_names_that_utf_8_cannot_hold_do_no_harm(book: Book) -> None:
    odd = "m\udcfcller"
    author = Actor(user=odd, login=odd, uid=1001)
    named = Book(book.path, uid=1001, owner=Owners(), name_of=lambda n: r"m\udcfcller")
    made = named.create(plan(author=author, reason=odd))
    assert made.plan.reason == r"m\udcfcller"


def test_old_plans_are_taken_away_by_their_owner_only(book: Book, owners: Owners) -> None:
    old = START - KEPT - timedelta(days=1)
    for plan_id in ("AAAAAA", "BBBBBB", "CCCCCC", "DDDDDD"):
        book.create(plan(plan_id))
    owners.said["DDDDDD.plan.json"] = 1003
    states = {
        "AAAAAA": ("done", old),
        "BBBBBB": ("done", START),
        "CCCCCC": ("paused", old),
        "DDDDDD": ("done", old),
    }
    assert book.prune(START, states) == ("AAAAAA",)
    left = {one.name[:6] for one in book.path.iterdir()}
    assert left == {"BBBBBB", "CCCCCC", "DDDDDD"}


def test_what_is_left_without_a_plan_goes_after_a_day(book: Book) -> None:
    book.create(plan())
    for name in ("AAAAAA.lock", ".BBBBBB.plan.json.12ab"):
        (book.path / name).write_bytes(b"")
        os.utime(book.path / name, (START.timestamp() - 90_000,) * 2)
    (book.path / "CCCCCC.lock").write_bytes(b"")
    os.utime(book.path / "CCCCCC.lock", (START.timestamp() - 60,) * 2)
    book.prune(START, {})
    assert {one.name for one in book.path.iterdir() if "K7Q2MX" not in one.name} == {"CCCCCC.lock"}


def test_a_plan_file_says_what_it_is(book: Book) -> None:
    book.create(plan())
    found = msgspec.json.decode((book.path / "K7Q2MX.plan.json").read_bytes())
    assert found["format"] == 1
    assert found["plan"]["author"]["user"] == "alice"
