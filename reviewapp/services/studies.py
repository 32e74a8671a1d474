"""Which reports make one study, and where each document stands: shared acts of a curator or lead.

A link is never overwritten: a move appends a row with its reason, and a study that gave up its last report is retired
with its label and its history. Splitting the report off again brings that same study back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from reviewapp.audit import audited, nothing_written, tell
from reviewapp.gate import Viewer
from reviewapp.models.records import DuplicatePair, Record
from reviewapp.models.studies import Report, Study, StudyLink
from reviewapp.selectors import study_links
from reviewapp.selectors.records import live as live_records
from reviewapp.selectors.studies import Place, live, places
from reviewapp.services import dedup
from reviewapp.services.fulltexts import set_retrieval
from reviewapp.services.refusals import Gone, Refused
from reviewapp.services.reports import (
    LONGEST_LABEL,
    LONGEST_WHY,
    add_report,
    begin,
    link_of,
    links_of,
    mark_primary,
    own_label,
    studies_named,
)

__all__ = [
    "Grouped",
    "add_report",
    "confirm_link",
    "group",
    "mark_primary",
    "refuse_link",
    "rename",
    "set_retrieval",
    "split",
]


@dataclass(frozen=True, slots=True)
class Grouped:
    """A study after reports joined it, the studies that were emptied, and what that means, in sentences."""

    study: Study
    retired: tuple[Study, ...]
    said: tuple[str, ...]


def _move(link: StudyLink, to: Study, why: str) -> StudyLink:
    StudyLink.objects.filter(pk=link.pk).update(is_current=False)
    return StudyLink.objects.create(
        review_id=link.review_id,
        report=link.report,
        study=to,
        version=link.version + 1,
        why=why[:LONGEST_WHY],
    )


def _target(found: dict[UUID, Study], placed: dict[int, Place], into: UUID | None) -> Study:
    """Return the study that stays: the named one, else one that is being judged, was judged, has more reports."""
    if into is not None:
        if into not in found:
            raise Refused(_("The study that stays must be one of those you chose."), "into")
        return found[into]

    def order(study: Study) -> tuple[bool, bool, int, str, str]:
        place = placed.get(study.pk)
        is_open = place is not None and place.is_open
        return (not is_open, place is None, -len(links_of(study)), study.label, str(study.uid))

    return min(found.values(), key=order)


def _what_happens(target: Study, others: Sequence[Study], placed: dict[int, Place]) -> list[str]:
    """Say what grouping does to judgements. Raises Refused if it would take a study out of an open round."""
    said = []
    for study in others:
        place = placed.get(study.pk)
        if place is None:
            continue
        names = {"study": study.label, "round": place.round, "target": target.label}
        if place.is_open:
            raise Refused(
                _(
                    "%(study)s is being judged in an open round (%(round)s): it must be the study that stays, "
                    "or wait until the round is released."
                )
                % names,
                "into",
            )
        said.append(
            _(
                "%(study)s was judged in %(round)s too: that judgement stays in the history and counts no more."
            )
            % names
        )
    place = placed.get(target.pk)
    if place is not None:
        names = {"study": target.label, "round": place.round}
        words = (
            _("%(study)s is in an open round (%(round)s): it is judged with the added report from now on.")
            if place.is_open
            else _(
                "%(study)s was judged in %(round)s: it keeps its judgement, and the added report joins it."
            )
        )
        said.insert(0, words % names)
    return said


@audited("studies.grouped")
def group(*, actor: Viewer, study_uids: Sequence[UUID], why: str = "", into: UUID | None = None) -> Grouped:
    """Gather the reports of these studies in one of them; the emptied ones are retired and keep their labels.

    ``into`` names the study that stays; without it, the one that is or was judged. A study in a full-text round is
    grouped only with a reason; the refusal says what would happen. Raises Refused, Gone, NotAllowed.
    """
    begin(actor)
    found = studies_named(actor, study_uids)
    if len(found) < 2:
        raise Refused(_("Choose two studies or more."), "study")
    placed = places(actor.review_id, [study.pk for study in found.values()])
    target = _target(found, placed, into)
    others = sorted((study for study in found.values() if study.pk != target.pk), key=lambda one: one.label)
    said = _what_happens(target, others, placed)
    why = why.strip()
    if said and not why:
        raise Refused(" ".join([*said, _("Say why they are one study to go on.")]), "why")
    why = why or _("Reports of one study.")
    moved: list[StudyLink] = []
    for study in others:
        moved += [_move(link, target, why) for link in links_of(study)]
    Report.objects.filter(pk__in=[link.report_id for link in moved]).update(is_primary=False)
    Study.objects.filter(pk__in=[study.pk for study in others]).update(retired_at=timezone.now())
    tell(
        actor=actor,
        subject="study",
        subject_uid=target.uid,
        old={"studies": [{"uid": str(one.uid), "label": one.label} for one in others]},
        new={"study": target.label, "reports": [str(link.report.uid) for link in moved], "said": said},
        why=why,
        shared=True,
    )
    return Grouped(target, tuple(others), tuple(said))


@audited("studies.split")
def split(*, actor: Viewer, report_uid: UUID, why: str, label: str = "") -> Study:
    """Make a report a study of its own; the study that it once was comes back if it is retired.

    The links that proposed to group it are kept apart with the same reason. Raises Refused for the only report of a
    study, and without a reason.
    """
    begin(actor)
    link = link_of(actor, report_uid)
    rest = [one for one in links_of(link.study) if one.pk != link.pk]
    if not rest:
        raise Refused(_("It is the only report of its study."))
    if not why.strip():
        raise Refused(_("Say why."), "why")
    why = why.strip()
    study = _former(link) or Study.objects.create(
        review_id=actor.review_id, label=own_label(actor, link.report, label)
    )
    _move(link, study, why)
    if link.report.is_primary:
        Report.objects.filter(pk=rest[0].report_id).update(is_primary=True)
    Report.objects.filter(pk=link.report_id).update(is_primary=True)
    for one in rest:
        _keep_apart(actor, link.report, one.report, why)
    tell(
        actor=actor,
        subject="report",
        subject_uid=link.report.uid,
        old={"study": str(link.study.uid), "label": link.study.label},
        new={"study": str(study.uid), "label": study.label},
        why=why,
        shared=True,
    )
    return study


def _former(link: StudyLink) -> Study | None:
    earlier = (
        StudyLink.objects.filter(
            review_id=link.review_id, report=link.report, study__retired_at__isnull=False
        )
        .select_related("study")
        .order_by("-version")
        .first()
    )
    if earlier is None:
        return None
    Study.objects.filter(pk=earlier.study_id).update(retired_at=None)
    earlier.study.retired_at = None
    return earlier.study


def _between(left: Record, right: Record) -> DuplicatePair | None:
    two = [left.pk, right.pk]
    return DuplicatePair.objects.filter(review_id=left.review_id, left_id__in=two, right_id__in=two).first()


def _keep_apart(actor: Viewer, left: Report, right: Report, why: str) -> bool:
    """Store that two reports are not of one study, so that nothing proposes it again; True if there was need."""
    if left.record is None or right.record is None:
        return False
    pair = _between(left.record, right.record)
    if pair is None and study_links.shared_numbers(left.record, right.record):
        if live_records(actor.review_id).filter(pk__in=[left.record.pk, right.record.pk]).count() != 2:
            return False
        pair = dedup.name_pair(actor=actor, left_uid=left.record.uid, right_uid=right.record.uid, why=why)
    if pair is None or pair.settled in {DuplicatePair.Settled.APART, DuplicatePair.Settled.MERGED}:
        return False
    dedup.keep_apart(actor=actor, pair_uid=pair.uid, why=why)
    return True


@audited("studies.link_confirmed")
def confirm_link(*, actor: Viewer, pair_uid: UUID, why: str = "") -> Grouped:
    """Confirm a proposed link: the pair is settled as linked, and both records' reports become one study.

    Without a reason the pair's own evidence is kept, but not for a study in a round. Raises Refused when a side has no
    report, or both are in one study already.
    """
    begin(actor)
    proposal = next((one for one in study_links.proposed(actor) if one.pair == pair_uid), None)
    pair = DuplicatePair.objects.filter(review_id=actor.review_id, uid=pair_uid).first()
    if pair is None:
        raise Gone(_("There is no such link."))
    if proposal is None:
        raise Refused(_("This link does not wait: both reports must be in the review, in two studies."))
    links = StudyLink.objects.select_related("study").in_bulk([proposal.left, proposal.right])
    placed = places(actor.review_id, [link.study_id for link in links.values()])
    reason = why.strip()
    if pair.settled != DuplicatePair.Settled.LINKED:
        pair = dedup.link(actor=actor, pair_uid=pair_uid, why=reason)
    done = group(
        actor=actor,
        study_uids=[link.study.uid for link in links.values()],
        why=reason or ("" if placed else pair.settled_why or pair.reason),
    )
    tell(
        actor=actor,
        subject="duplicate_pair",
        subject_uid=pair.uid,
        new={"study": str(done.study.uid)},
        why=reason,
        shared=True,
    )
    return done


@audited("studies.link_refused")
def refuse_link(*, actor: Viewer, left_uid: UUID, right_uid: UUID, why: str) -> None:
    """Say that two reports (by uid) are not of one study: nothing proposes it again. Raises Refused without a reason."""
    begin(actor)
    left, right = link_of(actor, left_uid), link_of(actor, right_uid)
    if not why.strip():
        raise Refused(_("Say why they are not one study."), "why")
    if left.study_id == right.study_id:
        raise Refused(_("Both are in one study: split one off instead."))
    if not _keep_apart(actor, left.report, right.report, why.strip()):
        raise Refused(_("Nothing proposes to link these two."))
    tell(
        actor=actor,
        subject="report",
        subject_uid=left.report.uid,
        new={"apart_from": str(right.report.uid)},
        why=why.strip(),
        shared=True,
    )


@audited("studies.renamed")
def rename(*, actor: Viewer, study_uid: UUID, label: str) -> Study:
    """Give a study another label. Refused: none, longer than 200 characters, or that of another standing study."""
    begin(actor)
    study = studies_named(actor, [study_uid])[study_uid]
    label = " ".join(label.split())
    if not label or len(label) > LONGEST_LABEL:
        raise Refused(_("A label has 1 to 200 characters."), "label")
    if label == study.label:
        nothing_written()
        return study
    if live(actor.review_id).filter(label=label).exclude(pk=study.pk).exists():
        raise Refused(_("Another study is called %(label)s.") % {"label": label}, "label")
    old, study.label = study.label, label
    study.save(update_fields=["label"])
    tell(
        actor=actor,
        subject="study",
        subject_uid=study.uid,
        old={"label": old},
        new={"label": label},
        shared=True,
    )
    return study
