"""What the analysis will refuse of a study, said before anything is paid for."""

from pathlib import Path

from rich.console import Console

from peersim.store.schema import FILE
from peersim.store.view import StoreView
from peersim.study.design import Study
from peersim.study.runner import STUDY_KEY


def check_contrasts(study: Study, directory: Path, console: Console) -> None:
    """Check that no declared contrast will be refused, before anything is paid for.

    A run that has begun goes on: what it will be refused for is said once more.

    Args:
        study: The study that is to be run.
        directory: Where.
        console: Where to print.

    Raises:
        ConfigError: If one will be; for want of histories, if nobody said that this is meant.
    """
    if not study.protocol.contrasts:
        return
    from peersim.analysis.floors import few, refuse_few_histories
    from peersim.analysis.foreseen import refuse_unsound_contrasts, unsound

    path = directory / FILE
    begun = path.is_file() and StoreView(path).meta(STUDY_KEY) is not None
    if not begun:
        refuse_unsound_contrasts(study)
    for text in (*(one.text for one in unsound(study)), *(one.text for one in few(study))):
        console.print(text, style="yellow", soft_wrap=True, markup=False)
    if not begun:
        refuse_few_histories(study)
