"""Company names and addresses from everywhere."""

from __future__ import annotations

from random import Random

_FIRST = [
    "Acme",
    "Alder",
    "Anvil",
    "Aster",
    "Atlas",
    "Beacon",
    "Birch",
    "Cedar",
    "Cobalt",
    "Comet",
    "Copper",
    "Delta",
    "Ember",
    "Falcon",
    "Fjord",
    "Granite",
    "Harbor",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Lumen",
    "Maple",
    "Meridian",
    "Nimbus",
    "Onyx",
    "Osprey",
    "Pioneer",
    "Quarry",
    "Raven",
    "Sable",
    "Summit",
    "Tidal",
    "Umbra",
    "Vertex",
    "Willow",
    "Zephyr",
    "Æther",
    "Čapek",
    "Øresund",
    "Łódź",
    "Ångström",
    "Señora",
    "Größe",
    "Ñandú",
    "São",
    "İzmir",
    "北極星",
    "東京",
    "さくら",
    "한빛",
    "Δέλτα",
    "Ладога",
    "שלום",
    "مرجان",
    "नीलम",
]
_SECOND = [
    "Analytics",
    "Bakery",
    "Clinic",
    "Data",
    "Foods",
    "Games",
    "Health",
    "Labs",
    "Logistics",
    "Media",
    "Motors",
    "Studio",
    "Systems",
    "Travel",
]
_FORM = ("Inc.", "GmbH", "Ltd", "K.K.", "S.à r.l.", "& Søn", "LLC", "Oy")


def company_name(random: Random, number: int) -> str:
    """A name that may contain any script."""
    name = f"{random.choice(_FIRST)} {random.choice(_SECOND)} {random.choice(_FORM)}"
    return f"{name} “{number}” 🚀" if number % 97 == 5 else name


def email(number: int) -> str:
    """An address at a domain that cannot exist."""
    return f"billing+{number}@customer-{number}.example"
