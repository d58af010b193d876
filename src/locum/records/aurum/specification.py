"""The files of CPRD Aurum: names and columns, in their order. Data specification 2.9 (CPRD, 27 April 2023).

The linked hospital episodes are a file of HES Admitted Patient Care as CPRD delivers it. Its columns are from public
code that reads it, and no specification was at hand.
"""

from __future__ import annotations

EPISODES = "hes_primary_diag_hosp"

TABLES: dict[str, tuple[str, ...]] = {
    "patient": (
        *("patid", "pracid", "usualgpstaffid", "gender", "yob", "mob", "emis_ddate", "regstartdate"),
        *("patienttypeid", "regenddate", "acceptable", "cprd_ddate"),
    ),
    "practice": ("pracid", "lcd", "uts", "region"),
    "staff": ("staffid", "pracid", "jobcatid"),
    "consultation": (
        *("patid", "consid", "pracid", "consdate", "enterdate", "staffid", "conssourceid", "cprdconstype"),
        "consmedcodeid",
    ),
    "observation": (
        *(
            "patid",
            "consid",
            "pracid",
            "obsid",
            "obsdate",
            "enterdate",
            "staffid",
            "parentobsid",
            "medcodeid",
        ),
        *("value", "numunitid", "obstypeid", "numrangelow", "numrangehigh", "probobsid"),
    ),
    "referral": (
        *("patid", "obsid", "pracid", "refsourceorgid", "reftargetorgid", "refurgencyid", "refservicetypeid"),
        "refmodeid",
    ),
    "problem": (
        *("patid", "obsid", "pracid", "parentprobobsid", "probenddate", "expduration", "lastrevdate"),
        *("lastrevstaffid", "parentprobrelid", "probstatusid", "signid"),
    ),
    "drugissue": (
        *("patid", "issueid", "pracid", "probobsid", "drugrecid", "issuedate", "enterdate", "staffid"),
        *("prodcodeid", "dosageid", "quantity", "quantunitid", "duration", "estnhscost"),
    ),
}
"""The eight data files."""
REQUIRED = ("patient", "practice", "observation")

DICTIONARIES: dict[str, tuple[str, ...]] = {
    "medicaldictionary": (
        *("medcodeid", "term", "originalreadcode", "cleansedreadcode", "snomedctconceptid"),
        *("snomedctdescriptionid", "release", "emiscodecategoryid"),
    ),
    "productdictionary": (
        *("prodcodeid", "dmdid", "termfromemis", "productname", "formulation", "routeofadministration"),
        *("drugsubstancename", "substancestrength", "bnfchapter", "release"),
    ),
}
LOOKUPS: dict[str, tuple[str, ...]] = {
    "gender": ("genderid", "description"),
    "region": ("regionid", "description"),
    "numunit": ("numunitid", "description"),
    "conssource": ("conssourceid", "description"),
}
"""Of the sixteen look-ups, those whose words enter the contract."""
LINKED = {EPISODES: ("patid", "spno", "admidate", "discharged", "icd_primary", "icdx")}

FILES = TABLES | DICTIONARIES | LOOKUPS | LINKED
"""Every file that is read, by the name in its file name, in lower case."""
