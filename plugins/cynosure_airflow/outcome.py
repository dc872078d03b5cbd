"""How a stage that did not fully succeed tells it to Airflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cynosure.extract import StreamResult
    from cynosure.transform import NodeResult


class StreamsFailed(Exception):
    """Some streams could not be read to the end; the others were. Final unless one of them may simply go on later."""

    def __init__(self, failed: Sequence[StreamResult]) -> None:
        self.final = all(result.outcome == "failed" for result in failed)
        names = ", ".join(result.stream for result in failed)
        super().__init__(f"{len(failed)} streams did not complete ({names}):\n" + "\n".join(result.error for result in failed))


class AuditFailed(Exception):
    """Some streams could not be walked, compared or repaired; the next audit goes on where this one stopped."""

    final = True

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__(f"{len(errors)} streams could not be audited:\n" + "\n".join(errors))


class ModelsFailed(Exception):
    """Models or tests failed; building again without a change would end the same way."""

    final = True

    def __init__(self, failed: Sequence[NodeResult], skipped: int) -> None:
        sentences = "\n".join(f"{node.node}: {node.message}" for node in failed)
        super().__init__(f"{len(failed)} models or tests failed, {skipped} were not built because of them:\n{sentences}")


class NotPublished(Exception):
    """A report could not be made for some group; the message says for whom and why."""


class NotEvaluated(Exception):
    """An alert rule could not be evaluated; the message names it."""


def summary(results: Sequence[Any], *figures: str) -> dict[str, dict[str, int]]:
    """Figures by stream, of the streams that have any."""
    found = {result.stream: {name: getattr(result, name) for name in figures} for result in results}
    return {stream: numbers for stream, numbers in found.items() if any(numbers.values())}
