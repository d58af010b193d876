"""Codelists: read from every kind of CSV, refused when a spreadsheet spoilt them, matched to the records' own codes."""

from __future__ import annotations

import gzip
from itertools import combinations
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from locum.cohorts.codelists import (
    Codelist,
    check_codelist,
    find_codelist,
    matches_icd10,
    read_codelist,
    resolve,
    shipped,
)
from locum.cohorts.codelists.damage import check_digit_holds
from locum.errors import BadInput
from locum.records.contract import SCHEMAS, Records, empty

_MEANINGS = """
atrial_fibrillation rheumatoid_arthritis chronic_kidney_disease severe_mental_illness systemic_lupus migraine
diabetes_type_1 diabetes_type_2 hypertension erectile_dysfunction family_history_chd myocardial_infarction stroke
transient_ischaemic_attack angina heart_failure asthma copd cancer haematological_cancer liver_disease dementia
other_neurological organ_transplant asplenia psoriasis immunosuppression ethnicity smoking systolic_bp diastolic_bp bmi
weight height total_cholesterol hdl_cholesterol cholesterol_ratio hba1c egfr covid_suspected covid_confirmed
covid_test_positive covid_test_negative cough fever breathlessness loss_of_taste_or_smell sore_throat headache fatigue
diarrhoea nausea_vomiting nasal_congestion muscle_ache influenza_vaccination covid_vaccination antihypertensives
corticosteroids atypical_antipsychotics erectile_dysfunction_drugs statins antibiotics covid_admission
"""
MEANINGS = sorted(_MEANINGS.split())
AF, FLUTTER = "49436004", "5370000"
LONG = "1240751000000100"


def write(folder: Path, text: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def records(**tables: dict[str, list[str | None]]) -> Records:
    """Records with nothing but the given dictionaries."""
    made = {name: empty(name) for name in SCHEMAS}
    for name, columns in tables.items():
        kinds = {column: pa.string() for column in columns}
        made[name] = ibis.memtable(pa.table(columns, schema=pa.schema(kinds)))
    return Records(**made)


class TestShipped:
    def test_there_is_one_for_each_meaning(self) -> None:
        assert sorted(shipped()) == sorted(MEANINGS)

    @pytest.mark.parametrize("name", MEANINGS)
    def test_reads_with_nothing_to_say(self, name: str) -> None:
        codelist = read_codelist(shipped()[name])
        assert check_codelist(codelist, table=codelist.table) == ()
        assert codelist.name == name
        assert codelist.codes
        assert all(codelist.terms)
        assert {"author", "date", "licence", "meaning", "checked"} <= set(codelist.provenance)

    @pytest.mark.parametrize(
        "apart",
        [
            ("diabetes_type_1", "diabetes_type_2"),
            ("covid_suspected", "covid_confirmed", "covid_test_positive", "covid_test_negative"),
            ("myocardial_infarction", "angina"),
            ("stroke", "transient_ischaemic_attack"),
            ("cancer", "haematological_cancer"),
            ("systolic_bp", "diastolic_bp"),
            ("height", "weight", "bmi"),
            ("total_cholesterol", "hdl_cholesterol", "cholesterol_ratio"),
            ("influenza_vaccination", "covid_vaccination"),
        ],
    )
    def test_meanings_that_exclude_each_other_share_no_code(self, apart: tuple[str, ...]) -> None:
        for one, other in combinations([set(read_codelist(shipped()[name]).codes) for name in apart], 2):
            assert one & other == set()

    def test_categories_are_those_of_qrisk3(self) -> None:
        ethnicity = read_codelist(shipped()["ethnicity"])
        asian = ("Indian", "Pakistani", "Bangladeshi", "Other Asian")
        assert ethnicity.levels == ("White", *asian, "Black Caribbean", "Black African", "Chinese", "Other")
        smoking = read_codelist(shipped()["smoking"])
        smokers = ("light smoker", "moderate smoker", "heavy smoker")
        assert smoking.levels == ("non-smoker", "ex-smoker", *smokers)


class TestFinding:
    def test_the_users_list_comes_before_the_shipped_one(self, tmp_path: Path) -> None:
        mine = write(tmp_path, f"code,term\n{AF},AF\n", "stroke.csv")
        assert find_codelist("stroke", [tmp_path / "none", tmp_path]) == mine
        assert find_codelist("migraine", [tmp_path]) == shipped()["migraine"]

    def test_an_unknown_name_is_met_with_near_ones(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match=r'no codelist "strok"; did you mean stroke'):
            find_codelist("strok", [tmp_path])
        with pytest.raises(BadInput, match=r'no codelist "zzz"; put it beside'):
            find_codelist("zzz")


class TestReading:
    @pytest.mark.parametrize(
        "text",
        [
            f"code,term\n{AF},Atrial fibrillation\n{FLUTTER},Flutter\n",
            f"﻿code,term\r\n{AF},Atrial fibrillation\r\n\r\n{FLUTTER},Flutter\r\n",
            f'"Code","Term"\n"{AF}","Atrial fibrillation"\n" {FLUTTER} ","Flutter"\n,,\n',
            f"# of my own\n# 2026\nterm;snomedcode\nAtrial fibrillation;{AF}\nFlutter;{FLUTTER}",
            f"SNOMEDCTConceptID\tdescription\n{AF}\tAtrial fibrillation\n{FLUTTER}\tFlutter\n",
            f"conceptId,name\n{AF},Atrial fibrillation\n{FLUTTER},Flutter\n",
            f"code,term\n{AF},Atrial fibrillation\n{FLUTTER},Flutter\n".encode("utf-16"),
            gzip.compress(f"code,term\n{AF},Atrial fibrillation\n{FLUTTER},Flutter\n".encode(), mtime=0),
            f"code|term|note\n{AF}|Atrial fibrillation\n{FLUTTER}|Flutter|short row above\n",
        ],
    )
    def test_every_kind_of_csv(self, tmp_path: Path, text: str | bytes) -> None:
        codelist = read_codelist(write(tmp_path, text))
        assert codelist.system == "snomed"
        assert codelist.codes == (AF, FLUTTER)
        assert codelist.terms == ("Atrial fibrillation", "Flutter")
        assert codelist.categories is None

    def test_latin_1_and_quoted_separators(self, tmp_path: Path) -> None:
        text = f'code,term\n{AF},"Ménière, with"\n'.encode("latin-1")
        assert read_codelist(write(tmp_path, text)).terms == ("Ménière, with",)

    @pytest.mark.parametrize(
        ("header", "code", "system"),
        [
            ("medcodeid,snomedctconceptid", f"486895011,{AF}", "medcodeid"),
            ("snomedctconceptid,medcodeid", f"{AF},486895011", "medcodeid"),
            ("dmdid,prodcodeid", "9747511000001107,3836141000033113", "prodcodeid"),
            ("code,term", "9747511000001107,Crestor", "dmd"),
            ("dmd_id,dmd_name", "9747511000001107,Crestor", "dmd"),
            ("CTV3ID,CTV3PreferredTermDesc", "XaLTE,Coronavirus", "ctv3"),
            ("Description,Code", "British,9S1..", "ctv3"),
            ("read,term", "G573000,AF", "read2"),
            ("ICD10,term", "U07.1,COVID-19", "icd10"),
            ("code,term", "U071,COVID-19", "icd10"),
            ("concept_id,concept_name", "313217,Atrial fibrillation", "concept_id"),
            ("substance,term", "simvastatin,Statin", "substance"),
        ],
    )
    def test_the_system_is_told_by_name_and_look(
        self, tmp_path: Path, header: str, code: str, system: str
    ) -> None:
        assert read_codelist(write(tmp_path, f"{header}\n{code}\n")).system == system

    def test_a_named_column_is_what_is_matched(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"medcodeid,snomedctconceptid,mine\n486895011,{AF},313217\n")
        assert read_codelist(path, column="snomedctconceptid").codes == (AF,)
        codelist = read_codelist(path, column="mine=concept_id")
        assert (codelist.system, codelist.codes) == ("concept_id", ("313217",))
        assert read_codelist(path).columns == {"medcodeid": "medcodeid", "snomed": "snomedctconceptid"}

    def test_categories_are_named_or_called_so(self, tmp_path: Path) -> None:
        text = f"medcodeid,ethdm,category\n{AF},2.0,Indian\n{FLUTTER},1.0,White\n"
        assert read_codelist(write(tmp_path, text)).categories == ("Indian", "White")
        codelist = read_codelist(write(tmp_path, text), category="ethdm", name="ethnicity")
        assert (codelist.name, codelist.levels) == ("ethnicity", ("2.0", "1.0"))

    def test_terms_that_share_a_concept_are_one_code(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"medcodeid,snomedctconceptid\n1,{AF}\n2,{AF}\n3,\n")
        codelist = read_codelist(path, column="snomedctconceptid")
        assert (codelist.codes, codelist.repeated, codelist.without_code) == ((AF,), 1, 1)

    def test_provenance_lies_beside_it(self, tmp_path: Path) -> None:
        write(tmp_path, '[default]\nauthor = "us"\n[list]\nauthor = "me"\nversion = 2\n', "provenance.toml")
        path = write(tmp_path, f"code\n{AF}\n")
        assert read_codelist(path).provenance == {"author": "me", "version": "2"}
        first = read_codelist(path).sha256
        assert read_codelist(write(tmp_path, f"code\n{FLUTTER}\n")).sha256 != first

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "is nothing, not a CSV"),
            ("\n# only a comment\n", "has no column names"),
            (f"{AF}\n{FLUTTER}\n", "has a code where column names should be"),
            ("code,term\n", "has no codes in its column code"),
            ("code,term\n,Atrial fibrillation\n", "has no codes in its column code"),
            ("drug,dose\nx,1\n", r"no column of codes that is known by its name \(it has drug, dose\)"),
            ("code,code\n1,2\n", "has two columns code"),
            (f"code,term\n{AF},AF, paroxysmal\n", "more cells than column names"),
            (
                "snomedcode,term\nXaLTE,Coronavirus\nA795.,Infection\n",
                "does not look like SNOMED CT concepts",
            ),
            ("code,term\nwhat is this,AF\n", "does not look like codes of a known system"),
            (f"code,category\n{AF},White\n{AF},Other\n", f"{AF} in two categories, White and Other"),
            (
                f"code,category\n{AF},White\n{FLUTTER},\n",
                f"no category in its column category for the code {FLUTTER}",
            ),
            ("PK\x03\x04", "a zip archive or a spreadsheet.*save it as CSV"),
        ],
    )
    def test_what_cannot_be_used_is_told_in_a_line(self, tmp_path: Path, text: str, says: str) -> None:
        with pytest.raises(BadInput, match=says) as told:
            read_codelist(write(tmp_path, text))
        assert "\n" not in str(told.value)

    def test_what_is_named_has_to_be_there(self, tmp_path: Path) -> None:
        path = write(tmp_path, f"code,term\n{AF},AF\n")
        with pytest.raises(BadInput, match="no column group; it has code, term"):
            read_codelist(path, category="group")
        with pytest.raises(BadInput, match="no column snomed; it has"):
            read_codelist(path, column="snomed")
        with pytest.raises(BadInput, match='"icd9" is no system of codes'):
            read_codelist(path, column="code=icd9")
        with pytest.raises(BadInput, match="there is no codelist"):
            read_codelist(tmp_path / "none.csv")


class TestDamage:
    @pytest.mark.parametrize(
        ("header", "code", "what"),
        [
            ("code", "1.24E+15", "turned into a power of ten"),
            ("code", "1.24075E+15", "turned into a power of ten"),
            ("medcodeid", "8,03459E+15", "turned into a power of ten"),
            ("code", "672000000000000000", "rounded to 15 digits"),
            ("medcodeid", "803459100000611000", "rounded to 15 digits"),
            ("prodcodeid", "3161241000033110", "rounded to 15 digits"),
            ("dmd_id", "9747511000001100", "rounded to 15 digits"),
            ("snomedctconceptid", "109541000119101.0", "turned into a decimal number"),
            ("CTV3ID", "1371", "lost the zeros in front"),
        ],
    )
    def test_a_spreadsheets_damage_is_refused(
        self, tmp_path: Path, header: str, code: str, what: str
    ) -> None:
        whole = "XaLTE" if header == "CTV3ID" else AF
        path = write(tmp_path, f'{header};term\n{whole};whole\n"{code}";spoilt\n')
        with pytest.raises(BadInput, match=f"altered 1 of 2 codes, which are {what}") as told:
            read_codelist(path)
        assert "formatted as text" in str(told.value)
        codelist = read_codelist(path, keep_damaged=True)
        assert len(codelist.codes) == 2
        assert what in str(check_codelist(codelist)[0])

    def test_a_long_code_that_ends_in_zeros_is_whole_when_its_check_digit_holds(self, tmp_path: Path) -> None:
        assert check_digit_holds(LONG)
        assert read_codelist(write(tmp_path, f"code\n{LONG}\n1005671000000105\n")).codes[0] == LONG

    def test_a_list_of_nothing_but_damage_is_refused_as_such(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match="altered 2 of 2 codes"):
            read_codelist(write(tmp_path, "code\n1.24E+15\n6.72E+17\n"))

    @pytest.mark.parametrize("code", ["22298006", "44054006", "1240581000000104", "486895011"])
    def test_check_digits_of_known_identifiers_hold_and_of_no_neighbour(self, code: str) -> None:
        assert check_digit_holds(code)
        for place in range(len(code)):
            other = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
            assert not check_digit_holds(other)
        swapped = [code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)]
        assert not any(check_digit_holds(other) for other in swapped if other != code)


class TestChecking:
    def codelist(self, folder: Path, text: str) -> Codelist:
        return read_codelist(write(folder, text))

    def said(self, *given: object, **named: object) -> str:
        return " / ".join(str(notice) for notice in check_codelist(*given, **named))  # type: ignore[arg-type]

    def test_repeated_and_mistyped_codes(self, tmp_path: Path) -> None:
        codelist = self.codelist(tmp_path, f"code,term\n{AF},a\n{AF},b\n22298007,c\n44054006,\n,e\n")
        said = self.said(codelist)
        assert "repeat a code listed above them: 1" in said
        assert "1 of 3 codes have a wrong check digit" in said
        assert "22298007" in said
        assert "without a code in the column that is matched: 1" in said

    def test_invented_medcodeids_need_no_check_digit(self, tmp_path: Path) -> None:
        invented = "medcodeid\n999990000000000010\n999990000000000020\n999990000000001000\n"
        assert self.said(self.codelist(tmp_path, invented)) == ""

    def test_codes_that_the_records_do_not_know(self, tmp_path: Path) -> None:
        known = records(clinical_code={"code": ["486895011", "x"], "concept": [AF, None], "term": ["", ""]})
        codelist = self.codelist(tmp_path, f"code\n{AF}\n{FLUTTER}\n")
        assert self.said(codelist, known.clinical_code) == (
            f"codelist list: 1 of 2 codes are not in the dictionary of the records ({FLUTTER})"
        )
        aurum = self.codelist(tmp_path, f"medcodeid,snomedcode\n12345678911,{AF}\n")
        assert "its column snomedcode may match" in self.said(aurum, known.clinical_code)

    def test_a_list_of_the_wrong_kind(self, tmp_path: Path) -> None:
        codelist = self.codelist(tmp_path, "prodcodeid\n3836141000033113\n")
        assert "one of observations is wanted" in self.said(codelist, table="observation")
        assert "this dictionary is not of" in self.said(
            self.codelist(tmp_path, f"code\n{AF}\n"), records().product
        )


class TestMatching:
    def found(
        self, codelist: Codelist, **tables: dict[str, list[str | None]]
    ) -> list[tuple[str, str | None]]:
        table = resolve(codelist, records(**tables))
        return list(zip(table["code"].to_pylist(), table["category"].to_pylist(), strict=True))

    def test_concepts_are_looked_up_among_clinical_codes(self, tmp_path: Path) -> None:
        codelist = read_codelist(write(tmp_path, f"code,category\n{AF},a\n{FLUTTER},b\n"))
        dictionary = {"code": ["9", "10", "8"], "concept": [AF, AF, "1"], "term": ["", "", ""]}
        assert self.found(codelist, clinical_code=dictionary) == [("10", "a"), ("9", "a")]

    def test_own_codes_are_taken_as_they_are(self, tmp_path: Path) -> None:
        codelist = read_codelist(write(tmp_path, "medcodeid\n486895011\n39301000006110\n"))
        assert self.found(codelist) == [("39301000006110", None), ("486895011", None)]

    def test_dmd(self, tmp_path: Path) -> None:
        codelist = read_codelist(write(tmp_path, "dmd_id\n9747511000001107\n"))
        product = {
            "code": ["1", "2"],
            "dmd": ["9747511000001107", None],
            "term": ["", ""],
            "substance": ["", ""],
        }
        assert self.found(codelist, product=product) == [("1", None)]

    def products(self, *given: tuple[str, str | None]) -> dict[str, list[str | None]]:
        terms = [term for term, _ in given]
        return {
            "code": list(terms),
            "dmd": [None] * len(given),
            "term": list(terms),
            "substance": [substance for _, substance in given],
        }

    def test_an_ingredient_is_the_word_or_begins_with_it(self, tmp_path: Path) -> None:
        codelist = read_codelist(write(tmp_path, "substance\nprednisolone\nAmoxicillin\n"))
        product = self.products(
            ("a salt", "Prednisolone sodium phosphate"),
            ("one of two", "Potassium clavulanate/ Amoxicillin trihydrate"),
            ("another", "Methylprednisolone"),
            ("longer", "Prednisoloneline"),
            ("Prednisolone 5mg tablets", None),
            ("Prednisolone 25mg tablets", ""),
            ("of nothing", None),
        )
        assert [code for code, _ in self.found(codelist, product=product)] == [
            "Prednisolone 25mg tablets",
            "Prednisolone 5mg tablets",
            "a salt",
            "one of two",
        ]

    @pytest.mark.parametrize(
        ("name", "products"),
        [
            (
                "corticosteroids",
                {
                    "Prednisolone 5mg tablets": True,
                    "Prednisone 5 MG Oral Tablet": True,
                    "Betamethasone 500microgram soluble tablets sugar free": True,
                    "Methylprednisolone acetate 40mg/1ml suspension for injection vials": True,
                    "Hydrocortisone 1% cream": False,
                    "Hydrocortisone 10 MG/ML Topical Cream": False,
                    "Hydrocortisone 2.5mg muco-adhesive buccal tablets": False,
                    "Budesonide 200microgram inhalation powder capsules": False,
                    "Budesonide 500micrograms/2ml nebuliser liquid": False,
                    "Dexamethasone 0.1% eye drops": False,
                    "Triamcinolone 55micrograms/dose nasal spray": False,
                    "Prednisolone 20mg/100ml rectal solution": False,
                },
            ),
            (
                "antihypertensives",
                {
                    "Timolol 10mg tablets": True,
                    "Timolol 0.25% eye drops": False,
                    "Diltiazem 2% cream": False,
                    "Minoxidil 5% cutaneous foam": False,
                    "Furosemide 40mg tablets": False,
                },
            ),
            (
                "antibiotics",
                {"Erythromycin 250mg gastro-resistant tablets": True, "Erythromycin 2% gel": False},
            ),
            (
                "statins",
                {"Simvastatin 20 MG Oral Tablet": True, "Nystatin 100,000units/ml oral suspension": False},
            ),
        ],
    )
    def test_shipped_drugs_match_the_forms_they_mean(
        self, tmp_path: Path, name: str, products: dict[str, bool]
    ) -> None:
        product = self.products(*((term, term.split()[0].lower()) for term in products))
        found = {code for code, _ in self.found(read_codelist(shipped()[name]), product=product)}
        assert found == {term for term, wanted in products.items() if wanted}

    def test_admissions_are_found_by_prefix(self) -> None:
        codelist = read_codelist(shipped()["covid_admission"])
        assert matches_icd10(codelist) == ("U071", "U072")
        assert self.found(codelist) == [("U071", None), ("U072", None)]
        assert codelist.table == "admission"

    def test_read_codes_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match=r"Read codes \(CTV3\), which loaded records do not carry"):
            self.found(read_codelist(write(tmp_path, "CTV3ID\nXaLTE\n")))
