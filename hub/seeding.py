"""Loading the page's content so that it can be loaded again, and staff's edits win."""

import json
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, Model

from hub.models import SeedRecord

M = TypeVar("M", bound=Model)


def sync(model: type[M], key: str, values: dict[str, Any], **found_by: Any) -> M | None:
    """Create or update the object the content file calls `key`; None if staff deleted it.

    A field is written only while it still says what the file last said, or, where the file
    says something of it for the first time, while it is as new. `found_by` and `values` make
    the object when it is new; one that staff made before is left as it is.
    """
    record = SeedRecord.objects.filter(key=key).first()
    if record is None:
        item, _ = model._default_manager.get_or_create(**found_by, defaults=values)
        SeedRecord.objects.create(key=key, object_id=item.pk, values=_plain(values))
        return item
    known = model._default_manager.filter(pk=record.object_id).first()
    if known is None:
        return None
    new, now = _plain(values), _plain({name: getattr(known, name) for name in values})
    last = _plain({name: _as_new(model, name) for name in values}) | record.values
    changed = [name for name in values if now[name] == last[name] != new[name]]
    if changed:
        for name in changed:
            setattr(known, name, values[name])
        known.save(update_fields=changed)
    if record.values != new:
        record.values = new
        record.save()
    return known


def _as_new(model: type[Model], name: str) -> Any:
    field = model._meta.get_field(name)
    return field.get_default() if isinstance(field, Field) else None


def _plain(values: dict[str, Any]) -> Any:
    return json.loads(
        json.dumps({k: getattr(v, "pk", v) for k, v in values.items()}, cls=DjangoJSONEncoder)
    )
