import pytest

from locum.variables.identifiers import is_id_name


@pytest.mark.parametrize(
    "name",
    [
        "id",
        "ID",
        "patid",
        "patient_id",
        "PatientID",
        "case.id",
        "RANDID",
        "svy_id",
        "SEQN",
        "uuid",
        "studyId",
        "nhs_number",
        "NHSNumber",
        "nhs.no",
        "eid",
        "person_id",
        "id_patient",
        "hospital_number",
        "pid",
        "mrn",
        "patientid",
        "encounterid",
        "record_no",
    ],
)
def test_names_of_identifiers(name):
    assert is_id_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "paid",
        "covid",
        "valid",
        "said",
        "fluid",
        "thyroid",
        "steroid",
        "age",
        "weight",
        "number_of_drugs",
        "casenotes",
        "status",
        "rapid",
        "lipid",
        "opioid_use",
        "covid19",
        "number",
        "index_date",
        "width",
        "avoid",
        "chi",
        "medcodeid",
    ],
)
def test_other_names(name):
    assert not is_id_name(name)
