"""Made-up metrics for the tests of the report: small, large, with hostile names, with nothing to assess."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from locum.evaluate.metrics import (
    About,
    Attack,
    Curve,
    GiveAway,
    Marginal,
    Metric,
    Metrics,
    MissingShare,
    Pairs,
    Prediction,
    SmallCells,
    Status,
    Verdict,
)

HOSTILE = [
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    "a&b &amp; c",
    "ضغط الدم الانقباضي عند تاريخ الفهرس",
    "systolic_blood_pressure_measured_at_the_practice_within_one_year_before_the_index_date",
    "収縮期血圧の測定値（診察室）収縮期血圧の測定値（診察室）収縮期血圧の測定値",
    "nul\x00 and \u202eturned",
    "{{ 7 * 7 }}",
    "]]> --> </style></svg>",
    "a" * 200,
]


def about(variables: int, **changes: object) -> About:
    given: dict[str, object] = {
        "locum_version": "0.1.0",
        "created": "2025-01-31",
        "seed": 7,
        "quick": False,
        "k": 10,
        "train_rows": 2217,
        "train_patients": 2217,
        "holdout_rows": 2217,
        "holdout_patients": 2217,
        "synthetic_rows": 2217,
        "variables": variables,
        "target": "coronary_heart_disease",
        "notices": ["Column patient_id was left out: it identifies a person."],
    }
    return About.model_validate(given | changes)


def metric(name: str, family: str, status: Status = Status.PASS, **changes: object) -> Metric:
    given: dict[str, object] = {
        "name": name,
        "family": family,
        "title": f"Does {name} hold?",
        "answer": f"In words, {name} came out at 0.567 where real patients score 0.501.",
        "method": "Computed so and so (Author 2020, section 3).",
        "value": 0.567,
        "unit": "AUC",
        "better": "near ceiling",
        "interval": (0.551, 0.583),
        "ceiling": 0.501,
        "floors": {"shuffled columns": 0.93, "copy of the training data": 0.498},
        "status": status,
        "reasons": ["within 0.1 of the ceiling"],
    }
    return Metric.model_validate(given | changes)


def marginal(rng: np.random.Generator, name: str, numeric: bool, **changes: object) -> Marginal:
    bins = 14 if numeric else int(rng.integers(2, 13))
    real = rng.dirichlet(np.full(bins + 1, 3.0))
    others = [rng.dirichlet(real * scale + 0.1) for scale in (800, 300)]
    edges = [round(20 + 5.0 * i, 1) for i in range(bins + 1)]
    labels = (
        [f"{a:g} to {b:g}" for a, b in itertools.pairwise(edges)]
        if numeric
        else [f"level {i} with a name of some length" for i in range(bins)]
    )
    given: dict[str, object] = {
        "variable": name,
        "kind": "continuous" if numeric else "nominal",
        "unit": "mmHg" if numeric else None,
        "description": "As recorded at the first visit.",
        "bins": [*labels, "not recorded"],
        "edges": edges if numeric else None,
        "train": others[0].tolist(),
        "holdout": real.tolist(),
        "synthetic": others[1].tolist(),
        "gap": float(50 * np.abs(real - others[1]).sum()),
        "ceiling": float(50 * np.abs(real - others[0]).sum()),
        "status": Status.PASS,
    }
    return Marginal.model_validate(given | changes)


def curve(label: str, power: float) -> Curve:
    grid = [round(0.02 * i, 2) for i in range(51)]
    return Curve(
        label=label,
        false_positive_rate=grid,
        true_positive_rate=[x**power for x in grid],
        auc=1 / (1 + power),
    )


def pairs(rng: np.random.Generator, names: list[str]) -> Pairs:
    n = len(names)

    def symmetric(scale: float) -> list[list[float]]:
        half = np.triu(rng.gamma(2.0, scale, (n, n)), 1)
        return (half + half.T).tolist()

    gap, ceiling = symmetric(4.0), symmetric(2.5)
    order = sorted(((gap[i][j], i, j) for i in range(n) for j in range(i)), reverse=True)[:10]
    worst = [(names[i], names[j], g, ceiling[i][j]) for g, i, j in order]
    return Pairs(variables=names, gap=gap, ceiling=ceiling, worst=worst)


def attack(name: str, group: str, auc: float) -> Attack:
    return Attack(
        name=name,
        title=f"Membership by {name}",
        group=group,
        auc=auc,
        auc_interval=(auc - 0.02, auc + 0.02),
        tpr_at_1pct=0.014,
        tpr_interval=(0.009, 0.021),
        curve=curve("attack", 1.0),
        attacked=2217,
    )


def case(variables: int = 34, names: list[str] | None = None, seed: int = 0) -> Metrics:
    """A study of so many variables in which privacy passes, fidelity warns and utility passes."""
    rng = np.random.default_rng(seed)
    names = names or [f"variable_{i}_at_index" for i in range(variables)]
    return Metrics(
        verdict=Verdict(fidelity=Status.WARN, utility=Status.PASS, privacy=Status.PASS),
        about=about(len(names)),
        metrics=[
            metric("c2st", "fidelity", Status.WARN),
            metric("marginals", "fidelity", unit="%", value=3.14159, interval=None, ceiling=1.2, floors={}),
            metric("auc_gap", "utility", unit="difference in AUC", value=0.0123, interval=(-0.004, 0.03)),
            metric("membership", "privacy"),
            metric(
                "copies", "privacy", Status.NOT_ASSESSABLE, value=None, interval=None, ceiling=None, floors={}
            ),
            metric("dcr", "privacy", decides=False),
        ],
        marginals=[marginal(rng, name, i % 2 == 0) for i, name in enumerate(names)],
        pairs=pairs(rng, names),
        missing=[
            MissingShare(variable=n, train=0.1, holdout=0.11, synthetic=0.01 * i)
            for i, n in enumerate(names[:20])
        ],
        give_aways=[GiveAway(variable=n, importance=0.3 / (i + 1)) for i, n in enumerate(names[:8])],
        predictions=[
            Prediction(
                target="coronary_heart_disease",
                event="yes",
                model=model,
                real=curve("trained on real patients", 0.3),
                synthetic=curve("trained on synthetic patients", 0.34),
                shuffled=0.502,
            )
            for model in ("logistic regression", "gradient boosting")
        ],
        attacks=[
            attack(name, group, auc)
            for name, auc in (("distance", 0.51), ("density ratio", 0.53))
            for group in ("all patients", "the most isolated tenth")
        ],
    )


def with_model(plain: Metrics, status: Status = Status.FAIL) -> Metrics:
    """PLAIN with attacks on its model, which stand at STATUS, and small cells of variables with hostile names."""
    names = ("model_membership_auc", "model_shadows_auc")
    attacks = [
        attack("likelihood ratio", "all patients", 0.66).model_copy(update={"tpr_at_01pct": 0.0123}),
        attack("shadow models", "the least probable training patients", 0.83),
    ]
    cells = SmallCells(
        variables=HOSTILE[:3],
        declared=False,
        k=10,
        synthetic_small=0.12,
        synthetic_unique=1234,
        real_unique=None,
    )
    return plain.model_copy(
        update={
            "metrics": [*plain.metrics, *(metric(n, "privacy", status, decides=False) for n in names)],
            "model_attacks": attacks,
            "model_file": status,
            "small_cells": cells,
        }
    )


def nothing() -> Metrics:
    """Too little data for anything."""
    unknown = Status.NOT_ASSESSABLE
    return Metrics(
        verdict=Verdict(fidelity=unknown, utility=unknown, privacy=unknown),
        about=about(0, target=None, notices=[], train_rows=4, train_patients=3),
        metrics=[],
        marginals=[],
        pairs=Pairs(variables=[], gap=[], ceiling=[], worst=[]),
        missing=[],
        give_aways=[],
        predictions=[],
        attacks=[],
    )


def hostile() -> Metrics:
    """Every text of the study carries a name meant to break the page."""
    plain = case(names=HOSTILE)
    given = plain.model_dump()
    for i, marginal in enumerate(given["marginals"]):
        marginal["bins"] = [HOSTILE[(i + j) % len(HOSTILE)] for j in range(len(marginal["bins"]))]
        marginal["description"] = marginal["unit"] = HOSTILE[i]
    for i, found in enumerate(given["metrics"]):
        found["title"] = found["answer"] = found["method"] = found["unit"] = HOSTILE[i]
        found["floors"] = {HOSTILE[i]: 0.5}
        found["reasons"] = [HOSTILE[i]]
    for i, found in enumerate(given["predictions"] + given["attacks"]):
        found.update(
            {key: HOSTILE[i] for key in ("target", "event", "model", "title", "group") if key in found}
        )
    given["about"] |= {
        "notices": HOSTILE,
        "target": HOSTILE[0],
        "created": HOSTILE[0],
        "locum_version": HOSTILE[1],
    }
    return Metrics.model_validate(given)


@pytest.fixture(scope="session")
def cases() -> dict[str, Metrics]:
    """Every case by its name; the tests sweep over them."""
    return {
        "small": case(3),
        "usual": case(34),
        "model": with_model(case(4)),
        "large": case(115),
        "nothing": nothing(),
        "hostile": hostile(),
    }


@pytest.fixture(params=["small", "usual", "large", "nothing", "hostile"])
def metrics(request: pytest.FixtureRequest, cases: dict[str, Metrics]) -> Metrics:
    return cases[request.param]
