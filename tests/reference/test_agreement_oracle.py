"""Agreement against R (own code, checked there against vcd, psych and irrCAC)."""

from typing import Any

import pytest

from synthesis.pure import agreement, raters
from tests.reference import oracle

pytestmark = pytest.mark.data


def computed(table: list[list[int]], categories: list[str]) -> dict[str, Any]:
    got = agreement.summarise(table, categories, ordered=True)
    assert got.kappa_linear and got.kappa_quadratic and got.ac2_linear and got.ac2_quadratic
    return {
        "n": got.n,
        "percent_agreement": got.percent.value,
        "percent_agreement_ci_wilson": got.percent.ci,
        "chance_agreement": got.expected,
        "kappa": got.kappa.value,
        "kappa_se": got.kappa.se,
        "kappa_se_null": got.kappa_se_null,
        "kappa_p": got.kappa_p,
        "kappa_max": got.kappa_max,
        "kappa_ci_normal_clipped": got.kappa.ci,
        "pabak": got.pabak.value,
        "pabak_se": got.pabak.se,
        "pabak_ci_normal_clipped": got.pabak.ci,
        "ac1": got.ac1.value,
        "ac1_se": got.ac1.se,
        "ac1_ci_t_clipped": got.ac1.ci,
        "scott_pi": got.scott_pi,
        "krippendorff_alpha_nominal": raters.table_alpha(table).value,
        "kappa_linear": got.kappa_linear.value,
        "kappa_linear_se": got.kappa_linear.se,
        "kappa_linear_ci_normal_clipped": got.kappa_linear.ci,
        "kappa_quadratic": got.kappa_quadratic.value,
        "kappa_quadratic_se": got.kappa_quadratic.se,
        "kappa_quadratic_ci_normal_clipped": got.kappa_quadratic.ci,
        "ac2_linear": got.ac2_linear.value,
        "ac2_linear_se": got.ac2_linear.se,
        "ac2_quadratic": got.ac2_quadratic.value,
        "ac2_quadratic_se": got.ac2_quadratic.se,
        "positive_agreement": got.positive,
        "negative_agreement": got.negative,
        "prevalence_index": got.prevalence_index,
        "bias_index": got.bias_index,
        "mcnemar_exact_p": got.mcnemar_p,
    }


@oracle.parametrized("agreement")
def test_it_agrees_with_r_on_every_coefficient(case: dict[str, Any]) -> None:
    table, categories = case["input"]["table"], case["input"]["categories"]
    got = {name: value for name, value in computed(table, categories).items() if name in case["expected"]}
    assert len(got) >= 18
    assert oracle.differences(got, case["expected"]) == []
