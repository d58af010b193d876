"""From person, observation_period, death, care_site and location to the contract's patient and practice."""

from __future__ import annotations

from datetime import date

import ibis

from locum.records.contract import FEMALE, INDETERMINATE, MALE, SCHEMAS

ONE_PRACTICE = "omop"
"""The practice of persons without a care site."""
GAP_DAYS = 31
"""Periods of observation that are at most this far apart are one: monthly collections leave such gaps."""
_SEXES = {"8507": MALE, "8532": FEMALE, "8521": INDETERMINATE, "8570": INDETERMINATE}
"""Concepts of the domain Gender: male, female, other, ambiguous. 8551 is unknown, and so is any other."""
_REGIONS = (
    *(
        "north east",
        "north west",
        "yorkshire and the humber",
        "east midlands",
        "west midlands",
        "east of england",
    ),
    *("south west", "south central", "south east coast", "south east", "london", "wales", "scotland"),
    "northern ireland",
)

Tables = dict[str, ibis.Table]


def patients(t: Tables, today: date) -> ibis.Table:
    """A row for each row of person, with `reason` where it cannot be used.

    `registered` is the start of the last unbroken run of observation periods, not of the first: nothing is known of
    the time between two runs, and a look-back over it would find too little. `deregistered` is the end of that run:
    nobody would know of an event after it. It is missing when the run reaches the last day collected from the
    practice, or a day to come, which is how sources write "still there".
    """
    person, runs, deaths = t["person"], last_runs(t["observation_period"]), _deaths(t["death"])
    joined = person.left_join(runs, person.person_id == runs.run_person).left_join(
        deaths, person.person_id == deaths.dead_person
    )
    practice = known(joined.care_site_id).fill_null(ONE_PRACTICE)
    joined = joined.mutate(practice=practice, end=ibis.ifelse(joined.run_end > today, None, joined.run_end))
    joined = joined.mutate(collected=joined.end.max().over(ibis.window(group_by="practice")))
    year = joined.year_of_birth.fill_null(joined.birth_datetime.year().cast("float64"))
    month = joined.month_of_birth.fill_null(joined.birth_datetime.month().cast("float64"))
    return joined.select(
        patient=joined.person_id,
        practice=joined.practice,
        sex=ibis.cases(*((joined.gender_concept_id == c, s) for c, s in _SEXES.items())),
        birth_year=ibis.ifelse(year.between(1800, 2200), year, None).cast("int16"),
        birth_month=ibis.ifelse(month.between(1, 12), month, None).cast("int8"),
        registered=joined.run_start,
        deregistered=ibis.ifelse(joined.end >= joined.collected, None, joined.end),
        died=joined.died.fill_null(joined.death_datetime),
        acceptable=ibis.literal(True),
        reason=ibis.cases((joined.person_id.isnull(), "no person")),
    )


def runs_of(periods: ibis.Table) -> ibis.Table:
    """Each unbroken run of observation periods: run_person, run_start, run_end."""
    p = periods.select(
        run_person=periods.person_id,
        start=periods.observation_period_start_date,
        end=periods.observation_period_end_date,
    )
    p = p.filter(p.run_person.notnull(), p.start.notnull(), p.end.notnull(), p.end >= p.start)
    before = ibis.window(
        group_by="run_person", order_by=["start", "end"], preceding=(None, 1), following=None
    )
    p = p.mutate(reached=p.end.max().over(before))
    p = p.mutate(
        fresh=(p.reached.isnull() | (p.start > p.reached + ibis.interval(days=GAP_DAYS + 1))).cast("int64")
    )
    p = p.mutate(
        run=p.fresh.sum().over(ibis.cumulative_window(group_by="run_person", order_by=["start", "end"]))
    )
    return p.group_by("run_person", "run").agg(run_start=p.start.min(), run_end=p.end.max())


def last_runs(periods: ibis.Table) -> ibis.Table:
    """The last unbroken run of each person."""
    runs = runs_of(periods)
    latest = runs.mutate(last=runs.run.max().over(ibis.window(group_by="run_person")))
    return latest.filter(latest.run == latest.last).drop("run", "last")


def _deaths(death: ibis.Table) -> ibis.Table:
    day = death.death_date.fill_null(death.death_datetime)
    return death.mutate(day=day).group_by(dead_person=death.person_id).agg(died=ibis._.day.min())


def practices(t: Tables, kept: ibis.Table, released: date | None, today: date) -> ibis.Table:
    """A row for each practice that a patient of KEPT belongs to.

    `last_collected` is the latest end of an observation period of its patients that is not to come; RELEASED, the day
    of the source's release, where they have none.
    """
    runs = last_runs(t["observation_period"])
    runs = runs.filter(runs.run_end <= today)
    ends = (
        kept.left_join(runs, kept.patient == runs.run_person)
        .group_by("practice")
        .agg(last=ibis._.run_end.max())
    )
    site, place = t["care_site"], t["location"]
    sites = site.filter(site.care_site_id.notnull()).group_by("care_site_id").agg(at=site.location_id.min())
    regions = place.group_by(place_id=place.location_id).agg(region=_region(place).min())
    joined = ends.left_join(sites, ends.practice == sites.care_site_id)
    joined = joined.left_join(regions, joined["at"] == regions.place_id)
    return joined.select(
        practice=joined.practice,
        region=joined.region,
        last_collected=joined["last"].fill_null(ibis.literal(released, type="date")),
    ).cast({name: kind(nullable=True) for name, kind in SCHEMAS["practice"].items()})


def _region(place: ibis.Table) -> ibis.Value:
    """State, else county, else the source's own words if they name a region of the UK: others may be an address."""
    words = place.location_source_value.lower().replace("&", "and").replace(" / ", " ")
    own = ibis.ifelse(words.isin(_REGIONS), place.location_source_value, None)
    return place.state.fill_null(place.county).fill_null(own)


def known(identifier: ibis.Value) -> ibis.Value:
    """IDENTIFIER, missing where it is 0: OMOP's word for "no matching concept", and ETLs' for "none"."""
    return identifier.nullif("0")
