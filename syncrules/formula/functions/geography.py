"""Places on the earth and how far apart they are."""

from __future__ import annotations

import math
from decimal import Decimal

from syncrules.formula.errors import EvaluationError
from syncrules.formula.frame import Evaluator
from syncrules.formula.functions.registry import lenient_call, special
from syncrules.formula.kinds import Kind, Location
from syncrules.formula.nodes import Number
from syncrules.formula.precision import from_float
from syncrules.formula.signature import Arguments, Refusal, checker, declared

_GEOLOCATION = "GEOLOCATION(latitude: Number!, longitude: Number!) -> Location"
_DISTANCE = "DISTANCE(from: Location!, to: Location!, unit: Text!) -> Number"
_LIMITS = (90, 180)
_MEAN_RADIUS = {"mi": 3958.761, "km": 6371.009}


def _infer_geolocation(arguments: Arguments) -> Kind:
    kind = checker(*declared(_GEOLOCATION))(arguments)
    for argument, limit in zip(arguments, _LIMITS, strict=True):
        node = argument.node
        if isinstance(node, Number) and Decimal(node.digits) > limit:
            raise Refusal(f"GEOLOCATION takes degrees up to {limit} here.", node)
    return kind


@special(_GEOLOCATION, _infer_geolocation)
def _geolocation(arguments: Arguments) -> Evaluator:
    return lenient_call(_place, arguments)


def _infer_distance(arguments: Arguments) -> Kind:
    kind = checker(*declared(_DISTANCE))(arguments)
    unit = arguments[2].literal_text
    if unit is not None and unit.lower() not in _MEAN_RADIUS:
        raise Refusal('DISTANCE knows the units "mi" and "km".', arguments[2].node)
    return kind


@special(_DISTANCE, _infer_distance)
def _distance(arguments: Arguments) -> Evaluator:
    return lenient_call(_apart, arguments)


def _place(latitude: Decimal | None, longitude: Decimal | None) -> Location | None:
    """Errors: EvaluationError outside the globe, or when only one of the two is blank."""
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise EvaluationError("Latitude and longitude are blank together or not at all.")
    if latitude.copy_abs() > _LIMITS[0] or longitude.copy_abs() > _LIMITS[1]:
        raise EvaluationError("The latitude or longitude is out of range.")
    return Location(latitude, longitude)


def _apart(start: Location | None, end: Location | None, unit: str | None) -> Decimal | None:
    """The great-circle distance, from the straight line through the earth."""
    if unit not in _MEAN_RADIUS:
        raise EvaluationError('The unit of DISTANCE must be "mi" or "km".')
    if start is None or end is None:
        return None
    chord = math.dist(_on_unit_sphere(start), _on_unit_sphere(end))
    return from_float(2 * _MEAN_RADIUS[unit] * math.asin(min(chord / 2, 1.0)))


def _on_unit_sphere(place: Location) -> tuple[float, float, float]:
    latitude, longitude = (math.radians(float(degrees)) for degrees in place)
    ring = math.cos(latitude)
    return (math.sin(longitude) * ring, math.cos(longitude) * ring, math.sin(latitude))
