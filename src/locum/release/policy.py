"""The policy of the gate, a TOML file: what a release must keep to, and who may answer for what it does not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from locum.digest import sha256
from locum.errors import BadInput
from locum.strict import Strict, parse, read_text, validate

SHIPPED = Path(__file__).with_name("policy.toml")

Needs = Literal["nobody", "approver", "never"]
"""Who may answer where a condition does not hold: no one need, a named person may, or no one can."""
Count = Literal["train_patients", "holdout_patients", "k"]


def _named(name: str) -> str:
    if not name.replace("_", "").isalnum() or not name.isascii() or name != name.lower():
        raise ValueError("the name is given with --approve; use small letters, digits and _")
    return name


Name = Annotated[str, AfterValidator(_named)]
Source = Annotated[str, Field(min_length=1)]


class Verdicts(Strict):
    """What is needed for each verdict on a family of figures; a pass needs no one."""

    warn: Needs
    fail: Needs
    not_assessable: Needs
    source: Source


class Families(Strict):
    """The families of the verdict, none of which a policy can leave out."""

    fidelity: Verdicts
    utility: Verdicts
    privacy: Verdicts


class Limit(Strict):
    """The most, or the least, that one figure of metrics.json may be.

    metric: its name there; the name of the limit when None. needs: where the figure is beyond the limit. surely: where
    its whole 95 % interval is; as `needs` when None. unmeasured: where there was too little data for the figure.
    """

    metric: str | None = None
    most: float | None = Field(default=None, allow_inf_nan=False)
    least: float | None = Field(default=None, allow_inf_nan=False)
    needs: Needs
    surely: Needs | None = None
    unmeasured: Needs
    source: Source

    @model_validator(mode="after")
    def _one(self) -> Limit:
        if (self.most is None) == (self.least is None):
            raise ValueError("give most or least, one of them")
        return self


class Least(Strict):
    """The least that a count may be. of: the count; the name of the condition when None."""

    of: Count | None = None
    least: int = Field(ge=0)
    needs: Needs
    source: Source


class Condition(Strict):
    """A condition that holds or does not."""

    needs: Needs
    source: Source


class Documentation(Strict):
    """What is needed where the release or its variables are not documented.

    title: of several words, no name of a file. descriptions: of every variable. units: of every number. contact: an
    address of the publisher.
    """

    title: Condition
    descriptions: Condition
    units: Condition
    contact: Condition


class PrivacySetting(Strict):
    """What is needed for each step of `--privacy` that a model was learned with. unknown: metrics.json does not say."""

    open: Needs
    balanced: Needs
    strict: Needs
    unknown: Needs
    source: Source


class ModelFile(Verdicts):
    """What is needed for each status of the model file.

    released: the file is to be handed out too, so that its status counts. It is never in a package.
    not_attacked: what is needed where the evaluation was given no model.
    """

    released: bool
    not_attacked: Needs


class Policy(Strict):
    """A policy. name: as readers of a release are told it."""

    format: Literal[1]
    name: str = Field(min_length=1)
    verdict: Families
    limit: dict[Name, Limit] = Field(default_factory=dict)
    count: dict[Name, Least] = Field(default_factory=dict)
    quick: Condition
    documentation: Documentation
    privacy_setting: PrivacySetting
    model_file: ModelFile

    @model_validator(mode="after")
    def _agrees(self) -> Policy:
        taken = {"evaluated_bytes", "verdict", "fidelity", "utility", "privacy"}
        taken |= {"quick", "privacy_setting", "model_file", *Documentation.model_fields}
        for name in (*self.limit, *self.count):
            if name in taken:
                raise ValueError(f'two conditions are named "{name}"; name one of them otherwise')
            taken.add(name)
        for name, least in self.count.items():
            if least.of is None and name not in ("train_patients", "holdout_patients", "k"):
                raise ValueError(
                    f'count.{name} counts nothing; add of = "train_patients", "holdout_patients" or "k"'
                )
        return self


@dataclass(frozen=True)
class Read:
    """A policy, and the hash of the file that holds it."""

    policy: Policy
    sha256: str


def read_policy(path: Path | None = None) -> Read:
    """The policy in the file PATH, the one that ships when None.

    Raises BadInput, in one line that names the entry, when there is no such file or it is no policy.
    """
    file, where = path or SHIPPED, str(path or SHIPPED.name)
    policy = validate(parse(read_text(file, "the policy"), where), Policy, where)
    if path is not None and policy.name == (ours := read_policy().policy).name and policy != ours:
        raise BadInput(
            f'{where}: name: "{policy.name}" is the policy that comes with locum, and this is another; give it a name '
            "of its own, since readers are told the name"
        )
    return Read(policy, sha256(file))
