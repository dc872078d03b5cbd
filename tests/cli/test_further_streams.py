"""Kinds of objects that people define at a source become streams by an entry in config/sources.yaml."""

from __future__ import annotations

import pytest

from cynosure.extract import Misconfigured, UnknownName
from cynosure.settings.sources import Source
from cynosure.stages import enabled


def source(connector: str, **streams: dict[str, object]) -> Source:
    return Source.model_validate({"connector": connector, "connection": "any", "streams": streams})


def test_a_further_object_is_a_stream_like_the_others() -> None:
    assert "renewals" in enabled("crm", source("salesforce", renewals={"object": "Renewal__c"}))


def test_a_source_without_further_objects_says_so() -> None:
    with pytest.raises(Misconfigured, match=r"Stripe has no kinds of objects beyond its streams.*config/sources\.yaml"):
        enabled("billing", source("stripe", renewals={"object": "Renewal__c"}))


def test_a_stream_that_nobody_defines_is_unknown() -> None:
    with pytest.raises(UnknownName, match="renewals"):
        enabled("crm", source("salesforce", renewals={}))
