"""Where the volumes of a transfer are now: known by identity, not by where they were."""

from __future__ import annotations

import logging
import os
from dataclasses import replace

from ketter_gui.domain.items import ItemKind, Place
from ketter_gui.domain.names import to_text
from ketter_gui.engine.plan import Plan
from ketter_gui.system.volumes import locate, places_of

_log = logging.getLogger(__name__)


def found_again(plan: Plan) -> Plan:
    """The plan with the paths that its sources and destinations have now; the same plan when
    all are where they were, or not to be found. Can block; never raises for what is gone."""
    sources = tuple(
        replace(one, path=_now(one.path, one.place, is_link=one.kind is ItemKind.SYMLINK))
        for one in plan.sources
    )
    destinations = tuple(replace(one, path=_now(one.path, one.place)) for one in plan.destinations)
    if (sources, destinations) == (plan.sources, plan.destinations):
        return plan
    return replace(plan, sources=sources, destinations=destinations)


def _now(path: bytes, place: Place, *, is_link: bool = False) -> bytes:
    """Its path, as long as that leads there; else the first other one that does."""
    above, name = os.path.split(path)
    here = locate(above if is_link else path)
    within = os.path.join(here.within, name) if is_link else here.within
    if (here.volume, within) == (place.volume, place.within):
        return path
    for found in places_of(place.volume, place.within):
        _log.warning("the volume of %s is at %s now", to_text(path).text, to_text(found).text)
        return found
    return path
