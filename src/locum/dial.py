"""The dial in words: what each step of `--privacy` is made for, and what it protects against."""

from __future__ import annotations

from dataclasses import dataclass

SETTING = "Privacy setting"
"""The entry of metrics.json, of how rows were made, that names the step."""


@dataclass(frozen=True)
class Step:
    """A place on the dial. What each was measured to give away is in docs/explanation/privacy.md.

    made_for: what may leave, and how; against: whom or what it protects against; model_file: what may become of it.
    """

    name: str
    made_for: str
    against: str
    model_file: str

    def __str__(self) -> str:
        return f"privacy {self.name}: made for {self.made_for}; protects against {self.against}; {self.model_file}"


STEPS = {
    step.name: step
    for step in (
        Step(
            "open",
            "work inside the secure environment",
            "values and groups of fewer than k patients being shown, not against an attacker",
            "neither the model file nor the table leaves",
        ),
        Step(
            "balanced",
            "a table that is shared under an agreement",
            "someone who has the table and looks for patients they know",
            "the model file itself stays inside",
        ),
        Step(
            "strict",
            "a model file, or a very large draw, put forward for a review",
            "someone who has the model too, for all but the most unusual patients",
            "the model file leaves only after a review that attacks it",
        ),
    )
}
"""By name, from the most faithful to the most private."""
