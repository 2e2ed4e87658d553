"""What is not drawn, said before anything is loaded: the one judgement of plans, whoever asks for their pictures."""

from __future__ import annotations

from promptlang.plans.plan import Plan
from promptlang_runtime.executors.reading import refuse_invalid
from promptlang_runtime.models.places import find_all, refuse_fetching


def refuse_undrawable(
    plan: Plan, sound: set[tuple[str | None, ...]], *, hub: bool = False, elsewhere: bool = False
) -> None:
    """Raises RenderError where a plan is none that is drawn, or calls for a file that is missing or of no use.

    `sound` are pictures that were found to be some, by their paths: a sweep has the same ones. With `hub`, what is
    named as a repository is fetched. What is drawn `elsewhere` is drawn with models of another program.
    """
    if not elsewhere:
        find_all(plan)
        if not hub:
            refuse_fetching(plan)
    refuse_invalid(plan)
    pictures = plan.pictures_given
    if any(each is not None for each in pictures) and pictures not in sound:
        from promptlang_runtime.output.images import check_pictures

        check_pictures(plan)
        sound.add(pictures)
