"""How an explanation reads in a terminal: the figure, what it is made of, the proof, and where it stops."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from rich.text import Text
from rich.tree import Tree

from cynosure.cli.output import console, print_table
from cynosure.document import Figure
from cynosure.explain.explanation import Explanation
from cynosure.explain.items import Line
from cynosure.explain.terms import Contribution, Term
from cynosure.explain.walk import Walk

_CONTRIBUTORS, _LINES, _BATCHES = 5, 3, 12


def show(explanation: Explanation, everything: bool) -> None:
    """Prints an explanation; only the largest contributors unless everything is asked for."""
    _heading(explanation)
    if explanation.walk:
        _waterfall(explanation, explanation.walk)
        for part, factor, term in _parts(explanation.walk):
            console.print(_tree(explanation, explanation.walk, (part, factor, term), everything))
            console.print()
    else:
        published = explanation.question.published
        parts = (("numerator", published.numerator), ("denominator", published.denominator))
        said = [f"{name} {amount.normalize():,f}" for name, amount in parts if amount is not None]
        said.append(f"sample size {published.sample_size:,}")
        console.print(f"{', '.join(said)}\n{explanation.stops}.\n", markup=False, highlight=False)
        _models(explanation)
    if everything or not explanation.walk:
        _streams(explanation)
    _proof(explanation)


def _heading(explanation: Explanation) -> None:
    asked = explanation.question
    figure = asked.kpi.figure(asked.kpi.name, asked.published.value, explanation.currency).text
    whose = "" if asked.dimension == "all" else f", {asked.dimension} {asked.member}"
    running = f" (so far, to {asked.known_day})" if asked.is_running else ""
    console.print(Text(f"{asked.kpi.title}, {asked.period.name}{whose}{running}: {figure}", style="bold"))
    console.print(asked.kpi.definition, style="dim", markup=False, highlight=False)
    as_of = f"{asked.data_as_of:%Y-%m-%d %H:%M} UTC" if asked.data_as_of else "unknown"
    formula = asked.kpi.formula
    console.print(f"{formula}; data as of {as_of}\n", style="dim", markup=False, highlight=False)


def _waterfall(explanation: Explanation, walk: Walk) -> None:
    """How the period moved."""
    if not walk.waterfall:
        return
    rows = []
    for name, amount in walk.waterfall.items():
        signed = name not in ("opening", "closing")
        rows.append((name, Figure("", amount, "currency", explanation.currency, signed=signed).text))
    print_table("", ("movements of the ledger", "MRR"), rows, right=(1,))
    console.print()


def _parts(walk: Walk) -> Iterator[tuple[str, int, Term]]:
    for part, summands in (("", walk.formula.numerator), ("over ", walk.formula.denominator or {})):
        for name, factor in summands.items():
            yield part, factor, walk.terms[name]


def _tree(explanation: Explanation, walk: Walk, summand: tuple[str, int, Term], everything: bool) -> Tree:
    part, factor, term = summand
    whole = next(iter(term.sums.values()))
    times = {1: "", -1: "less "}.get(factor, f"{factor} × ")
    tree = Tree(_row(f"{part}{times}{term.words}", _amount(explanation, term, whole), bold=True), guide_style="dim")
    shown = term.contributions if everything else term.contributions[:_CONTRIBUTORS]
    for entry in shown:
        _branch(tree, explanation, walk, term, entry, everything)
    rest = term.contributions[len(shown) :]
    if rest:
        amount = sum((entry.amount for entry in rest), Decimal(0))
        tree.add(_row(f"{len(rest):,} more (--all shows them)", _amount(explanation, term, amount), dim=True))
    return tree


def _branch(tree: Tree, explanation: Explanation, walk: Walk, term: Term, entry: Contribution, everything: bool) -> None:
    name = explanation.customers.get(entry.customer)
    who = f"{name} ({entry.customer})" if name else entry.customer
    when = f"{entry.day} " if entry.day else ""
    branch = tree.add(_row(f"{when}{who}", _amount(explanation, term, entry.amount)))
    if entry.caused_by:
        branch.add(Text(f"caused by {entry.caused_by}", style="dim"))
    sides = (("", entry.after),) if not entry.before else (("before: ", entry.before), ("after: ", entry.after))
    for label, lines in sides:
        if not lines:
            branch.add(Text(f"{label}nothing", style="dim"))
        for line in lines if everything else lines[:_LINES]:
            _leaf(branch, explanation, walk, label, line)
        if not everything and len(lines) > _LINES:
            branch.add(Text(f"{label}{len(lines) - _LINES} more items", style="dim"))


def _leaf(branch: Tree, explanation: Explanation, walk: Walk, label: str, line: Line) -> None:
    item, found = line.item, walk.recomputed[line.item.id]
    money = Figure("", line.amount, "currency", explanation.currency).text
    leaf = branch.add(_row(f"{label}{item.item}, {item.status} since {item.from_at:%Y-%m-%d}", money))
    for step in found.arithmetic or (f"not recomputed: {found.missing}",):
        leaf.add(Text(step))
    if rates := walk.rates.objects(item.currency, line.rate_day):
        leaf.add(Text(f"at {line.rate:f} on {line.rate_day} (ecb.reference_rates/{' and /'.join(rates)})"))
    for key in found.objects:
        object = explanation.history.read[key]
        altered = " ALTERED" if object.intact is False else ""
        leaf.add(Text(f"{key} in {object.batch}{altered}", style="red" if altered else "dim"))


def _amount(explanation: Explanation, term: Term, amount: Decimal) -> str:
    if term.is_count:
        return f"{amount:,f}"
    return Figure("", amount, "currency", explanation.currency).text


def _row(words: str, amount: str, *, bold: bool = False, dim: bool = False) -> Text:
    return Text(f"{amount}  {words}", style="bold" if bold else "dim" if dim else "")


def _models(explanation: Explanation) -> None:
    rows = [(model.layer, model.name, "" if model.rows is None else f"{model.rows:,}") for model in explanation.models]
    print_table("models between, nearest first", ("layer", "model", "rows"), rows, right=(2,))
    console.print()


def _streams(explanation: Explanation) -> None:
    rows = [
        (
            stream.name, f"{stream.objects:,}", f"{stream.versions:,}", f"{stream.batches:,}", stream.last_batch,
            f"{stream.as_of:%Y-%m-%d %H:%M}" if stream.as_of else "",
        )
        for stream in explanation.streams
    ]  # fmt: skip
    print_table("raw streams", ("stream", "objects", "versions", "batches", "newest", "complete to"), rows, right=(1, 2, 3))
    console.print()


def _batches(explanation: Explanation) -> None:
    """The batches that brought the raw objects."""
    history = explanation.history
    counted = Counter((object.source, object.stream, object.batch) for object in history.read.values())
    rows = []
    for (source, stream, name), objects in sorted(counted.items())[:_BATCHES]:
        batch = history.batch(source, stream, name)
        if batch:
            agrees = {True: "as loaded", False: "DIFFERS", None: "not there"}[batch.landing_agrees]
            rows.append((f"{source}.{stream}/{name}", objects, f"{batch.extracted_at:%Y-%m-%d %H:%M}", batch.api_version, agrees))
    if rows:
        print_table("batches", ("batch", "objects", "read", "API version", "landing log"), rows, right=(1,))
        more = len(counted) - _BATCHES
        console.print(f"and {more:,} more (--json lists them with their files)\n" if more > 0 else "", highlight=False)


def _proof(explanation: Explanation) -> None:
    if explanation.walk:
        rows = [
            (f"{proof.part}, {proof.figure:,f}", proof.way, f"{proof.rows:,}", f"{proof.sum:,f}", f"{proof.difference:,f}")
            for proof in explanation.walk.proofs
        ]
        print_table("proof", ("published", "added up from", "rows", "sum", "difference"), rows, right=(2, 3, 4))
        console.print()
    _batches(explanation)
    objects = list(explanation.history.read.values())
    if objects:
        hashed = sum(object.intact is not None for object in objects)
        console.print(f"{len(objects):,} raw objects, {hashed:,} compared with the hash they were landed with", highlight=False)
    for key in explanation.altered:
        console.print(f"altered since it was landed: {key}", style="red", markup=False, highlight=False)
    missing = [found.missing for found in explanation.walk.recomputed.values() if found.missing] if explanation.walk else []
    if missing:
        console.print(f"{len(missing):,} items not recomputed, e.g. {missing[0]}", style="yellow", markup=False)
    if explanation.walk:
        word = "it adds up exactly" if explanation.is_exact else "it does NOT add up"
        console.print(word, style="green" if explanation.is_exact else "bold red")
