"""study.toml: what it may say, and one line for whatever is wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from locum.errors import BadInput
from locum.study.found import read_study
from locum.study.plan import parse_plan

SIMULATED = "format = 1\n[records]\nsimulate = { patients = 100 }\n"
TABLE = 'format = 1\n[table.trial]\nsource = "trial.csv"\n'

FAULTS = {
    # what is in the file: what the message says, and what to do
    "format = 1\n[cohort.cvd]\nprivacy : strict": ("is not TOML", "line 3", "mend that line"),
    "": ("format is not given", "add it"),
    "format = 2\n[cohort.cvd]": ("format:", "it has to be 1"),
    "format = 1": ("nothing to make", "[cohort.cvd]"),
    "format = 1\n[cohort.cvd]": ("cohorts are drawn from records", "[records]"),
    "format = 1\n[records]\n[cohort.cvd]": ("records:", "simulate or source, one of them"),
    'format = 1\n[records]\nsimulate = { patients = 5 }\nsource = "x"\n[cohort.cvd]': (
        "records:",
        "simulate or source, one of them",
    ),
    f"{SIMULATED}": ("nothing to make", "[cohort.cvd]"),
    f"{SIMULATED}[table.trial]\nsource = 'trial.csv'": (
        "no cohort is drawn from the records",
        "[cohort.cvd]",
    ),
    "format = 1\n[records]\nsimulate = 5\n[cohort.cvd]": ("records.simulate is to be a table",),
    "format = 1\n[records]\nsimulate = { patients = 0 }\n[cohort.cvd]": (
        "records.simulate.patients",
        "greater than or equal to 1",
    ),
    "format = 1\n[records]\nsimulate = { patients = '9' }\n[cohort.cvd]": (
        "records.simulate.patients",
        "valid integer",
    ),
    "format = 1\n[records]\nsimulate = { patient = 9 }\n[cohort.cvd]": (
        "records.simulate.patients is not given",
    ),
    "format = 1\n[records]\nsimulate = { patients = 9 }\ncodelists = 'lists'\n[cohort.cvd]": (
        "records.codelists is to be a list",
    ),
    "format = 1\n[records]\nsimulate = { patients = 9 }\ncodelist = ['lists']\n[cohort.cvd]": (
        "unknown key records.codelist",
        'did you mean "codelists"?',
    ),
    f"{SIMULATED}[cohort.cvd]\nprivcy = 'strict'": (
        "unknown key cohort.cvd.privcy",
        'did you mean "privacy"?',
    ),
    f"{SIMULATED}[cohort.cvd]\nprivacy = 'strickt'": ("cohort.cvd.privacy", "'open', 'balanced' or 'strict'"),
    f"{SIMULATED}[cohort.cvd]\nlatent = true": ("cohort.cvd.latent", "'off', 'on' or 'auto'"),
    f"{SIMULATED}[cohort.cvd]\nmissing = 'none'": ("cohort.cvd.missing", "'state', 'complete' or 'latent'"),
    f"{SIMULATED}[cohort.cvd]\norder = 'tier'": ("cohort.cvd.order", "'finest' or 'tiers'"),
    f"{SIMULATED}[cohort.cvd]\nholdout = 1.5": ("cohort.cvd.holdout", "less than 1"),
    f"{SIMULATED}[cohort.cvd]\nholdout = nan": ("cohort.cvd.holdout",),
    f"{SIMULATED}[cohort.cvd]\nrows = 0": ("cohort.cvd.rows", "greater than or equal to 1"),
    f"{SIMULATED}[cohort.cvd]\nquick = 'yes'": ("cohort.cvd.quick", "valid boolean"),
    f"{SIMULATED}[cohort.cvd]\nsource = 'x'": ("unknown key cohort.cvd.source", "take it out"),
    f"{SIMULATED}[cohort]\ncvd = 'cvd'": ("cohort.cvd is to be a table", "[cohort.cvd]"),
    f"{SIMULATED}[cohort.'a/b']": ("cohort.a/b", "letters, digits, - and _"),
    f"{SIMULATED}[cohort.records]": ('"records" is a folder of every study', "otherwise"),
    f"{SIMULATED}[cohort.cvd]\n[cohort.CVD]": ('"CVD" is named twice',),
    f"{SIMULATED}[cohort.cvd]\n[table.cvd]\nsource = 'x'": ('"cvd" is named twice',),
    f"seed = -1\n{SIMULATED}[cohort.cvd]": ("seed:", "greater than or equal to 0"),
    f"tilte = 'A'\n{SIMULATED}[cohort.cvd]": ("unknown key tilte", 'did you mean "title"?'),
    "format = 1\n[table.trial]\nvariables = 'v.toml'": ("table.trial.source is not given", "add it"),
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_told_in_one_line(text: str) -> None:
    with pytest.raises(BadInput) as raised:
        parse_plan(text, "study.toml")
    message = str(raised.value)
    assert message.startswith("study.toml")
    assert "\n" not in message
    for part in FAULTS[text]:
        assert part in message


NOT_FOUND = {
    f"{SIMULATED}[cohort.cvv]": ("cohort.cvv:", 'no cohort "cvv"', 'did you mean "cvd"?'),
    f"{SIMULATED}[cohort.mine]": ("cohort.mine:", 'no cohort "mine"', "cvd"),
    f"{SIMULATED}[cohort.mine]\ndefinition = 'mine.toml'": ("cohort.mine:", "here/mine.toml does not exist"),
    f"{SIMULATED}[cohort.cvd]\ntarget = 'agee'": ("cohort.cvd:", '"agee"', 'did you mean "age"?'),
    f"{SIMULATED}codelists = ['lists']\n[cohort.cvd]": ("records.codelists", "no folder here/lists"),
    "format = 1\n[records]\nsource = 'aurum'\n[cohort.cvd]": ("records.source:", "here/aurum"),
    "format = 1\n[records]\nsource = 'study.toml'\n[cohort.cvd]": (
        "records.source:",
        "no kind of raw records",
    ),
    TABLE.replace("trial.csv", "study.toml") + "order = 'tiers'": (
        "table.trial:",
        "needs a declaration",
        "variables",
    ),
    TABLE: ("table.trial:", "no file here/trial.csv", "mend"),
    TABLE.replace("trial.csv", "study.toml") + "variables = 'v.toml'": (
        "table.trial:",
        "here/v.toml does not exist",
    ),
    TABLE.replace("trial.csv", "study.toml") + "variables = 'study.toml'": (
        "table.trial:",
        "here/study.toml",
    ),
}


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_is_named_has_to_be_there(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "study.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput) as raised:
        read_study("here/study.toml")
    message = str(raised.value)
    assert message.startswith("here/study.toml: ")
    assert "\n" not in message
    for part in NOT_FOUND[text]:
        assert part in message


def test_a_study_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        read_study(tmp_path / "study.toml")
    (tmp_path / "study.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="cannot be read as text"):
        read_study(tmp_path / "study.toml")
    with pytest.raises(BadInput, match="cannot be read as text"):
        read_study(tmp_path)


def test_a_whole_study(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "trial.csv").write_text("age\n1\n")
    definition = (Path(__file__).parents[2] / "src/locum/cohorts/definitions/cvd.toml").read_text("utf-8")
    (tmp_path / "mine.toml").write_text(definition, encoding="utf-8")
    (tmp_path / "study.toml").write_text(
        f'title = "Ours"\nseed = 3\n{SIMULATED}codelists = ["lists"]\n[cohort.covid19]\nrows = 50\n'
        '[cohort.heart]\ndefinition = "mine.toml"\nprivacy = "strict"\ntarget = "age"\n'
        '[table.trial]\nsource = "trial.csv"\n'
    )
    study = read_study(tmp_path / "study.toml")
    assert (study.name, study.title, study.seed, study.simulate) == ("study.toml", "Ours", 3, 100)
    assert [(c.name, c.definition, c.options.privacy) for c in study.cohorts] == [
        ("covid19", "covid19", "balanced"),
        ("heart", str(tmp_path / "mine.toml"), "strict"),
    ]
    assert tmp_path / "mine.toml" in study.cohorts[1].reads
    assert any(path.name == "smoking.csv" for path in study.cohorts[1].reads)
    (tmp_path / "lists" / "smoking.csv").write_text("code,category\n")
    assert tmp_path / "lists" / "smoking.csv" in read_study(tmp_path / "study.toml").cohorts[1].reads
    assert [(t.name, t.title, t.source) for t in study.tables] == [
        ("trial", "trial.csv", str(tmp_path / "trial.csv"))
    ]
