"""What the two cohorts ask of each patient, read from their manual and written a second time, in SQL."""

from __future__ import annotations

from dataclasses import dataclass

SMOKING = ("non-smoker", "ex-smoker", "light smoker", "moderate smoker", "heavy smoker")
"""The least first: of several answers of one day the last of these counts."""
ALWAYS = "DATE '1800-01-01'"


@dataclass(frozen=True)
class Asked:
    """A variable: KIND of question, about events of MEANINGS from SINCE to UNTIL, in SQL over a subject s."""

    kind: str
    meanings: tuple[str, ...] = ()
    since: str = ALWAYS
    until: str = "s.index"
    days: int = 1  # on at least so many different days
    step: float = 1.0  # of the value
    labels: tuple[str, ...] = ()  # of the meanings, the first that is found; then that of none
    parts: tuple[Asked, ...] = ()


def ever(*meanings: str, since: str = ALWAYS, until: str = "s.index", days: int = 1) -> Asked:
    return Asked("ever", meanings, since, until, days)


def _before(*meanings: str) -> Asked:
    return ever(*meanings, until="s.index - 1")


def _near(symptom: str) -> Asked:
    return ever(symptom, since="s.index - 14", until="s.index + 14")


_YEAR, _FIVE_YEARS = "s.index - INTERVAL 1 YEAR", "s.index - INTERVAL 5 YEAR"
_MONTH_AFTER = {"since": "s.index", "until": "s.index + 28"}
_ATTACK = ("myocardial_infarction", "stroke")

CVD = {
    "gender": Asked("sex"),
    "age": Asked("age"),
    "ethr": Asked("category", ("ethnicity",), until="s.finish"),
    "region": Asked("region"),
    "smoking": Asked("category", ("smoking",)),
    "bmi": Asked("latest", ("bmi",), _FIVE_YEARS, step=0.1),
    "choleratio": Asked("latest", ("cholesterol_ratio",), _FIVE_YEARS, step=0.1),
    "sbp": Asked("latest", ("systolic_bp",), _FIVE_YEARS),
    "sbps": Asked("sd", ("systolic_bp",), _FIVE_YEARS, step=0.01),
    "af": ever("atrial_fibrillation"),
    "ra": ever("rheumatoid_arthritis"),
    "ckidney": ever("chronic_kidney_disease"),
    "semi": ever("severe_mental_illness"),
    "sle": ever("systemic_lupus"),
    "migr": ever("migraine"),
    "type1": ever("diabetes_type_1"),
    "type2": ever("diabetes_type_2"),
    "treathyp": Asked(
        "all", parts=(ever("hypertension"), ever("antihypertensives", since="s.index - INTERVAL 6 MONTH"))
    ),
    "impot": ever("erectile_dysfunction", "erectile_dysfunction_drugs"),
    "steroid": ever("corticosteroids", since=_YEAR, days=2),
    "atyantip": ever("atypical_antipsychotics", since=_YEAR, days=2),
    "fh_cad": ever("family_history_chd"),
    "strokeha": ever(*_ATTACK, since="s.index + 1", until="s.finish"),
    "followup_days": Asked("days to", _ATTACK, "s.index", "s.finish"),
    "event": ever(*_ATTACK, since="s.index + 1", until="s.finish"),
}
SYMPTOMS = (
    "cough",
    "fever",
    "breathlessness",
    "loss_of_taste_or_smell",
    "sore_throat",
    "headache",
    "fatigue",
)
SYMPTOMS += ("muscle_ache", "nasal_congestion", "diarrhoea", "nausea_vomiting")
COVID19 = {
    "sex": Asked("sex"),
    "age": Asked("age"),
    "ethnicity": Asked("category", ("ethnicity",), until="s.finish"),
    "region": Asked("region"),
    "index_month": Asked("month"),
    "smoking": Asked("category", ("smoking",)),
    "bmi": Asked("latest", ("bmi",), "s.index - INTERVAL 10 YEAR", step=0.1),
    "hypertension": _before("hypertension"),
    "heart_disease": _before("myocardial_infarction", "angina", "heart_failure"),
    "atrial_fibrillation": _before("atrial_fibrillation"),
    "stroke": _before("stroke", "transient_ischaemic_attack"),
    "diabetes_type_1": _before("diabetes_type_1"),
    "diabetes_type_2": _before("diabetes_type_2"),
    "asthma": _before("asthma"),
    "copd": _before("copd"),
    "kidney_disease": _before("chronic_kidney_disease"),
    "liver_disease": _before("liver_disease"),
    "cancer": _before("cancer"),
    "blood_cancer": _before("haematological_cancer"),
    "dementia": _before("dementia"),
    "neurological": _before("other_neurological"),
    "mental_illness": _before("severe_mental_illness"),
    "transplant": _before("organ_transplant"),
    "asplenia": _before("asplenia"),
    "autoimmune": _before("rheumatoid_arthritis", "systemic_lupus", "psoriasis"),
    "immunosuppression": _before("immunosuppression"),
    "consultations": Asked("visits", since=_YEAR, until="s.index - 1"),
    "flu_vaccine": ever("influenza_vaccination", since=_YEAR),
    "covid_vaccine": ever("covid_vaccination", until="s.index - 14"),
    **{symptom: _near(symptom) for symptom in SYMPTOMS},
    "diagnosis": Asked(
        "which",
        ("covid_confirmed", "covid_suspected"),
        **_MONTH_AFTER,
        labels=("confirmed", "suspected", "none"),
    ),
    "test_result": Asked(
        "which",
        ("covid_test_positive", "covid_test_negative"),
        **_MONTH_AFTER,
        labels=("positive", "negative", "no test recorded"),
    ),
    "antibiotics": ever("antibiotics", **_MONTH_AFTER),
    "steroids": ever("corticosteroids", **_MONTH_AFTER),
    "admitted": ever("covid_admission", **_MONTH_AFTER),
    "died": Asked("died"),
}
VARIABLES = {"cvd": CVD, "covid19": COVID19}

COVID, NEGATIVE = ("covid_suspected", "covid_confirmed", "covid_test_positive"), ("covid_test_negative",)
SINCE, UNTIL = "DATE '2019-12-03'", "DATE '2021-04-12'"
EXCLUDED = ("myocardial_infarction", "angina", "stroke", "transient_ischaemic_attack", "statins")
