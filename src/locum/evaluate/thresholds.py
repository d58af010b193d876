"""Every threshold of the verdict, with the reason for it. Nothing else in this package holds a limit.

A figure fails only where its whole 95 % interval lies beyond the limit, and warns where the figure itself
does: a small table must not fail by chance. Points are percentage points.
"""

# --- how much data a judgement needs ---------------------------------------------------------------------

MIN_ROWS = 100
"""Rows on each side below which nothing is judged: the noise of a ten-bin distribution (total variation
about sqrt(10 / 100) * 0.4 = 13 %) is then larger than any difference worth finding."""

MIN_CLASS = 30
"""Rows of each outcome, in train and in holdout, that a comparison of predictions needs. The standard error
of an AUC near 0.75 with 30 cases is about 0.05 (Hanley & McNeil 1982)."""

MIN_ISOLATED = 20
"""Members, and controls, that an attack on the most isolated tenth needs: standard error of the AUC about
0.09."""

CASES = 1_000
"""Unseen patients with the outcome, and without, that prediction models are judged on in large tables: the standard
error of an AUC near 0.75 is then about 0.009 (Hanley & McNeil 1982), a fifth of a loss that is worth a warning
(`UTILITY_WARN`), and more patients would tell nothing that changes a judgement."""

QUICK_ROWS = 30_000
"""Rows of each table on which a quick evaluation judges whether it is faithful and useful. A share is then known to
0.6 points, and the gap of two distribution functions to 1.1 (Massart 1990): a fifth of what is worth a warning
(`MARGINAL_WORST_WARN`). Who leaked is looked for among all rows."""

# --- fidelity --------------------------------------------------------------------------------------------

MARGINAL_MEAN_WARN, MARGINAL_MEAN_FAIL = 2.0, 5.0
"""Points by which the mean gap may exceed that of unseen real patients. Good published generators are within
2 points of real data on public tables; the tables that are visibly off (GAN-made) are 5 and more."""

MARGINAL_WORST_WARN, MARGINAL_WORST_FAIL = 5.0, 10.0
"""Points for the single worst variable, after allowing for chance over all variables. 10 points is a tenth of
the patients in the wrong place: a prevalence of 5 % told as 15 %."""

PAIRS_LOST_WARN, PAIRS_LOST_FAIL = 0.25, 0.5
"""Share of the way from unseen real patients (0) to independently shuffled columns (1). A table that has lost
half of what the columns say about each other is not a stand-in for it; a quarter calls for a look."""

PAIRS_POINTS_WARN, PAIRS_POINTS_FAIL = 5.0, 10.0
"""Points of excess in mean total variation of pairs, whatever the share: catches wrong marginals too."""

PAIRS_POINTS_NEGLIGIBLE = 0.5
"""Points of excess that are nothing to worry about, even where they are a large share of a small
dependence."""

PAIR_WORST_WARN, PAIR_WORST_FAIL = 15.0, 30.0
"""Points for the single worst pair after allowing for chance over all pairs. Pairs that are bound by an exact
rule (a total and its parts) are the hard case of every generator: three tenths of the patients breaking one
is a failure."""

COMBINATION_WORST_WARN, COMBINATION_WORST_FAIL = 20.0, 35.0
"""Points for the worst set of three or four variables after allowing for chance over all sets. A little wider
than for a pair, since a set holds the faults of all its pairs. An exclusive-or of three even variables whose
pairs are all right is 50 points off."""

MIN_SUBGROUP = 100
"""Unseen patients of a group below which it is not looked at: the share of an outcome in it is then known to 10
points at best."""

SUBGROUP_SIZE_WARN, SUBGROUP_SIZE_FAIL = 25.0, 50.0
"""By how much, in % of the larger share, the smaller share of a group falls short. A quarter fewer shifts a
group's weight in any average by as much; at half, it is told as half or twice as common as it is. A group that
was dropped is 100 % off."""

SUBGROUP_WITHIN_WARN, SUBGROUP_WITHIN_FAIL = 10.0, 20.0
"""Points by which a variable's distribution within the worst group may differ. Twice what a variable may differ
in the whole table, as a group is a part of it: at 20 points a fifth of the group is in the wrong place."""

RULE_WARN, RULE_FAIL = 0.5, 5.0
"""Points by which more synthetic than real rows break the worst rule. Whoever checks a table by hand meets one
impossible patient in two hundred; one in twenty changes what is counted."""

MISSING_SHARE_WARN, MISSING_SHARE_FAIL = 3.0, 10.0
"""Points by which the worst variable's share of missing values may differ, after allowing for chance."""

MISSING_TOGETHER_WARN, MISSING_TOGETHER_FAIL = 1.0, 5.0
"""Points by which the mean, over pairs of variables, of the share with both missing may be worse than
real."""

C2ST_WARN, C2ST_FAIL = 0.65, 0.80
"""AUC of gradient-boosted trees told to separate synthetic from real rows (Lopez-Paz & Oquab 2017). 0.65 is a
pair put right 65 times in 100, where chance does 50: the level of the best generators on clinical tables of
some thousand rows. At 0.80 four pairs of five are put right: the table is recognisably another
one. GAN-made tables score 0.9 and more."""

# --- utility ---------------------------------------------------------------------------------------------

UTILITY_WARN, UTILITY_FAIL = 0.05, 0.10
"""AUC lost on real unseen patients by training on synthetic ones. Published differences between risk
scores in
primary care are 0.01 to 0.05: a loss beyond 0.05 can turn their ranking over, beyond 0.10 the model is
another one."""

UTILITY_LOST_WARN, UTILITY_LOST_FAIL = 0.25, 0.5
"""The same as a share of what training on real patients gains over chance, for outcomes hard to predict."""

CALIBRATION_LEVEL_WARN, CALIBRATION_LEVEL_FAIL = 0.2, 0.5
"""Log-odds by which mean risks may be further off than after training on real patients. 0.2 tells a risk of
10 % as 8 % or 12 %, 0.5 as 6 % or 15 %: across the 10 % at which statins are offered (NICE NG238). No
accepted limit exists (Van Calster et al. 2019, BMC Medicine 17:230)."""

CALIBRATION_SLOPE_WARN, CALIBRATION_SLOPE_FAIL = 0.2, 0.5
"""The same for the distance of the slope from 1. Models are to be developed so that at most 0.1 is expected
(Riley et al. 2019, Stat Med 38:1276, criterion i); twice that is remarkable; a slope of 0.5 tells a
difference as twice what it is."""

SUBGROUP_AUC_WARN, SUBGROUP_AUC_FAIL = 0.05, 0.10
"""AUC lost in the worst group after allowing for chance over all groups: as for all patients, since a model that
serves a group no better than that is another one for this group."""

LEAST_BENEFIT = 0.02
"""Net benefit gained over treating all or none, as a share of the prevalence, below which there is nothing to
lose."""

IMPORTANCE_LOST_WARN, IMPORTANCE_LOST_FAIL = 0.25, 0.5
"""Rank correlation of importances lost against two halves of the real patients. With 0.25 less of 1 about one
pair of variables in eight changes places."""

IMPORTANCE_SIZE_WARN, IMPORTANCE_SIZE_FAIL = 0.33, 0.5
"""Part lost of what all variables matter together. It falls as the strength of effects does, which calibration judges
more sharply; here it is asked whether they matter at all: to models of shuffled columns they do not."""

LEAST_TERMS = 3
"""Coefficients below which a share of conclusions says nothing."""

EFFECTS_APART_WARN, EFFECTS_APART_FAIL = 25.0, 50.0
"""By how much, in % of how far real linear predictors spread, those of a regression on synthetic patients may be away
from them, chance taken off. At 25 % effects are three quarters or five quarters as strong, near the limit for
calibration slopes; at 50 % half as strong. A regression on shuffled columns is 100 % away."""

CONCLUSIONS_LOST_WARN, CONCLUSIONS_LOST_FAIL = 15.0, 30.0
"""Points by which fewer regression conclusions (sign and significance) are kept than as many real patients keep. Of
ten effects that a study reports, one more or less is at the edge of significance; three are another study."""

OVERLAP_LOST_WARN, OVERLAP_LOST_FAIL = 25.0, 50.0
"""Points of interval overlap lost against as many real patients, whose intervals overlap by some two thirds to three
quarters: without half of their length no interval holds the other's estimate."""

AT_RISK = 20
"""Patients still in follow-up, on each side, for survival curves to be compared or shown: below, one event moves a
curve by more than 5 points."""

MIN_FOLLOWED = 50
"""Real patients of a group that survival curves are drawn of."""

SURVIVAL_WARN, SURVIVAL_FAIL = 5.0, 10.0
"""Points between survival curves beyond as many real patients: as for the worst variable; 10 points of ten-year risk is
the whole of the risk at which statins are offered (NICE NG238)."""

LEAST_VARIABLES = 4
"""Variables below which a rank correlation of importances says nothing."""

TRIVIAL_AUC = 0.995
"""An outcome predicted better than this is determined by other columns, and says nothing about generators."""

GIVES_AWAY_AUC = 0.99
"""A column that alone predicts the outcome better than this is another name for it, and is left out."""

WEAK_AUC = 0.55
"""Real AUC below which an outcome cannot tell good training data from bad."""

# --- privacy ---------------------------------------------------------------------------------------------

MEMBER_AUC_WARN, MEMBER_AUC_FAIL = 0.53, 0.55
"""AUC of a membership attack. Under the binormal model 0.55 is at best 7 more true than false alarms in 100
(4 at 0.53). Generators known to copy from leaves (sequential CART with unsmoothed leaf values) score 0.55 to
0.59 on public tables; ones that smooth score 0.50 to 0.53."""

MEMBER_TPR_WARN, MEMBER_TPR_FAIL = 0.02, 0.03
"""Share of members found at 1 % false alarms (Carlini et al. 2022: an attack matters by what it finds with
certainty, not on average). 0.01 is chance; three times chance is a leak."""

ISOLATED_AUC_WARN, ISOLATED_AUC_FAIL = 0.55, 0.60
ISOLATED_TPR_WARN, ISOLATED_TPR_FAIL = 0.05, 0.10
"""The same for the most isolated tenth, where a tenth as many patients make every figure coarser: limits
that a harmless table would cross by chance protect nobody."""

MODEL_AUC_WARN, MODEL_AUC_FAIL = 0.53, 0.65
MODEL_TPR_WARN, MODEL_TPR_FAIL = 0.015, 0.03
"""The same for whoever holds the model file: what is asked of a model put forward for release (the step strict), and
what the step balanced may give away, whose model stays inside. This attacker knows more than any table tells (Murakonda
et al. 2021): under the binormal model .65 is at best 21 more true than false alarms in 100."""

MODEL_ISOLATED_AUC_WARN, MODEL_ISOLATED_AUC_FAIL = 0.55, 0.70
MODEL_ISOLATED_TPR_WARN, MODEL_ISOLATED_TPR_FAIL = 0.05, 0.10
"""The same for the least probable tenth, as much wider as for the table's attackers."""

MODEL_SHADOWS_AUC_WARN, MODEL_SHADOWS_AUC_FAIL = 0.60, 0.75
"""AUC of shadow models on the few least probable training patients: the strongest attacker on those easiest to tell. On
public tables the step strict stands at .62, balanced at .83, one that follows single patients above .97."""

MIN_SHADOWS = 8
"""Shadow models of which half see a patient: four likelihoods on each side are the least to take a mean and a spread
from."""

GUESS_WARN, GUESS_FAIL = 0.03, 0.06
"""Share of what unseen patients' own values leave open that an attacker gets right about training patients,
mean over variables (the risk of Giomi et al. 2023, section 3, who set no limit). As for membership, some 3 to 6
people in 100 given away beyond what is known of people in general."""

GUESS_WORST_WARN, GUESS_WORST_FAIL = 0.05, 0.10
"""The same for the single worst variable, after allowing for chance over all: a tenth of the patients' own
values told to whoever knows the rest of them."""

GUESS_ISOLATED_WARN, GUESS_ISOLATED_FAIL = 0.06, 0.12
"""The mean over variables for the most isolated tenth, twice as coarse: a tenth as many patients."""

MIN_OPEN = 20
"""Unseen patients whose value is not guessed that a variable needs: with fewer, what is left open is chance."""

SINGLE_WARN, SINGLE_FAIL = 0.03, 0.06
"""Share of descriptions that point to one training patient beyond what as many unseen patients explain (Giomi et
al. 2023, section 3, who set no limit): as for guesses. A generator that copies a
tenth of its patients stands near 0.09."""

LINK_WARN, LINK_FAIL = 0.03, 0.06
LINK_ISOLATED_WARN, LINK_ISOLATED_FAIL = 0.06, 0.12
"""Share of patients two of whose files are joined, beyond chance: as for guesses."""

KMAP_WARN, KMAP_FAIL = 0.03, 0.06
"""The same for descriptions by quasi-identifiers. Regulators' limit of 9 in 100 (European Medicines Agency, policy
0070) is on all matches, chance included."""

MIN_CLAIMS = 20
"""Descriptions that a rate of success needs."""

OUTLIERS_WARN = 1
"""Outliers, more than in the control, that are repeated: one is a person recognised."""

OUTLIERS_FAIL = 0.05
"""Share of the most unusual patients repeated, surely and beyond the control's own interval: one in twenty."""

COPIES_WARN, COPIES_FAIL = 0.1, 0.5
"""Points by which synthetic rows repeat training rows more often than they repeat as many unseen rows."""

COPIES_OF_NATURAL_WARN, COPIES_OF_NATURAL_FAIL = 0.05, 0.1
"""The same as shares of how often unseen rows are repeated, where that is more. Where people are alike by nature, a
match names nobody, and it tells of membership as little as these say: of two who match, one learned from and one not,
the first is the likelier by one in twenty, about what an AUC of .53 (MEMBER_AUC_WARN) gives away; one in ten fails."""

COPIES_NATURAL = 0.001
"""Share of unseen rows that equal a training row, below which doubles are hardly known to nature. More copies than
chance explains are then people repeated, however small a share of a large table they are: a tenth of a point of
500,000 rows is 500 patients."""

DOUBLES = 0.5
"""Share of attacked rows with an exact double among unseen patients above which distance tells an attacker
nothing."""

SAME_TABLE = 0.5
"""Share of holdout rows identical to a training row above which, in a table whose rows are otherwise
nearly all different, the holdout is taken to be the training table."""
