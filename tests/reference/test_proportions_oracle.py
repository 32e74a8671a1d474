"""Proportions, votes and p values against R (binom, metap; own code)."""

from typing import Any

import pytest

from synthesis.pure import swim
from synthesis.pure.harms import rate
from synthesis.pure.intervals import upper_one_sided
from tests.reference import oracle

pytestmark = pytest.mark.data


@oracle.parametrized("proportions", "single_proportion")
def test_it_agrees_on_the_limits_of_a_proportion(case: dict[str, Any]) -> None:
    events, n = case["input"]["events"], case["input"]["n"]
    made = rate(events, n)
    got = {
        "proportion": made.proportion,
        "clopper_pearson": made.exact,
        "wilson": made.wilson,
        "rule_of_three_upper": made.rule_of_three,
        "exact_one_sided_upper_95": upper_one_sided(events, n),
    }
    assert oracle.differences(got, case["expected"]) == []


@oracle.parametrized("proportions", "vote_count_direction")
def test_it_agrees_on_votes(case: dict[str, Any]) -> None:
    favour, total = case["input"]["favour"], case["input"]["with_direction"]
    made = swim.votes(favour, total - favour)
    got = {
        "proportion": made.proportion,
        "sign_test_p_two_sided": made.p,
        "sign_test_p_greater": made.p_greater,
        "wilson": made.wilson,
        "clopper_pearson": made.exact,
    }
    assert oracle.differences(got, case["expected"]) == []


@oracle.parametrized("proportions", "combine_p")
def test_it_agrees_on_combined_p_values(case: dict[str, Any]) -> None:
    p = case["input"]["p_one_sided"]
    plain, weighted = swim.combine_p(p), swim.combine_p(p, case["input"]["weights"])
    assert plain is not None
    assert weighted is not None
    got = {
        "fisher_chi2": plain.fisher_chi2,
        "fisher_df": plain.fisher_df,
        "fisher_p": plain.fisher_p,
        "stouffer_z": plain.stouffer_z,
        "stouffer_p": plain.stouffer_p,
        "stouffer_weighted_z": weighted.stouffer_z,
        "stouffer_weighted_p": weighted.stouffer_p,
    }
    assert oracle.differences(got, case["expected"]) == []
