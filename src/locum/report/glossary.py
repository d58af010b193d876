"""The terms that a reviewer meets on the page, each in a sentence or two."""

TERMS: list[tuple[str, str]] = [
    (
        "Training and unseen patients",
        "Real patients are split in two before anything is learnt. The model sees the training "
        "patients only; "
        "the unseen ones are kept back to judge it.",
    ),
    (
        "Ceiling (“unseen real patients score”)",
        "What a group of real patients whom the model never saw would score in the same test. No "
        "synthetic data can be "
        "expected to do better: two groups of real patients differ a little by chance too.",
    ),
    (
        "Floor (“known-bad data score”)",
        "What data that are bad on purpose score: columns shuffled independently (no relation is "
        "kept) or a plain copy "
        "of the training patients (no privacy at all). A test that cannot tell these apart proves nothing.",
    ),
    (
        "Interval",
        "Chance moves every figure. A range computed like this holds the true figure 95 times in 100; "
        "a wide one means little data.",
    ),
    (
        "AUC, area under the ROC curve",
        "How often a score ranks the right one of two patients higher. 0.5 is a coin, 1 is always right. "
        "For a prediction model higher is better; for an attack, or a classifier that spots "
        "artificial patients, "
        "0.5 is best.",
    ),
    (
        "True-positive rate at 1% false positives",
        "An attack may be right about a few people only. This is the share of training patients it "
        "recognises when "
        "it wrongly accuses 1 in 100 others. A blind guess scores 1%.",
    ),
    (
        "Total variation",
        "For groups such as sex or region: the share of patients who would have to change group "
        "for the two tables "
        "to agree. 0% is identical, 100% has nothing in common.",
    ),
    (
        "KS, Kolmogorov–Smirnov distance",
        "For numbers such as age: the largest difference between the shares of patients below any one value. "
        "0% is identical.",
    ),
    (
        "Odds, log-odds",
        "The odds of an outcome are how many have it for each who has not. Their logarithm is the scale on which a "
        "model adds up what it knows; odds that are 0.1 off there are wrong by a factor of 1.1.",
    ),
    (
        "Pass, caution, fail, not assessable",
        "Each check has two limits, fixed beforehand. Caution: the figure is beyond the first. "
        "Fail: it is beyond the "
        "second, even allowing for chance. Not assessable: too little data to tell, never counted as a pass.",
    ),
]
