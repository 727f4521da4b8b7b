"""Model fields for what the database, its dumps and its backups must not be able to tell."""

from typing import Any

from django.conf import settings
from django.core.exceptions import FieldError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from hub import crypt
from hub.models import normalize_email


class Confidential(str):
    """A text that writes itself down nowhere by accident: its repr does not hold it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<confidential>"


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """A text sealed by hub.crypt for its own table and column.

    None is NULL; every other text is sealed, the empty one too, so that a dump does not tell
    who wrote nothing. The database takes nothing but tokens. It can be asked only whether it is
    null: sealed texts compare with nothing. A renamed table or column must be sealed anew.
    """

    def __init__(self, verbose_name: str | None = None, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(verbose_name, max_length=max_length, **kwargs)
        self.validators.append(MaxLengthValidator(max_length))

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def db_check(self, connection: BaseDatabaseWrapper) -> str:
        column = connection.ops.quote_name(str(self.column))
        return f"starts_with({column}, '{crypt.PREFIX}')"

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        """The token to store. Raises ValueError for a text that is too long."""
        if value is None:
            return None
        text = str(value)
        if self.max_length is not None and len(text) > self.max_length:
            raise ValueError(f"{self.place}: the text is longer than {self.max_length} characters")
        return settings.FIELD_KEYS.encrypt(text, self.place)

    def from_db_value(
        self, value: str | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> Confidential | None:
        if value is None:
            return None
        return Confidential(settings.FIELD_KEYS.decrypt(value, self.place))

    def value_to_string(self, obj: models.Model) -> str:
        # A token would be sealed a second time where it is loaded, and a text is in clear.
        raise FieldError(f"{self.place} is not written into files; use pg_dump")

    def get_lookup(self, lookup: str) -> Any:
        if lookup != "isnull":
            raise FieldError(f"{self.place} can be asked only whether it is null")
        return super().get_lookup(lookup)

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.place} can be asked only whether it is null")


class AddressIndexField(models.BinaryField):  # type: ignore[type-arg]
    """By which a row with a sealed address is found: `filter(contact_index="a@example.org")`.

    Holds the blind index of the address in the field `of`, in the hub's spelling, None if it
    has none. Made anew when the row is saved; a save with `update_fields` must name both.
    """

    def __init__(self, *args: Any, of: str, **kwargs: Any) -> None:
        self.of = of
        super().__init__(*args, **kwargs | {"editable": False, "null": True, "max_length": 32})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("editable", "null", "max_length"):
            kwargs.pop(fixed, None)
        return name, path, args, {**kwargs, "of": self.of}

    def index_of(self, address: str | None) -> bytes | None:
        if not address:
            return None
        purpose = f"{self.model._meta.db_table}.{self.column}"
        return crypt.blind_index(settings.INDEX_KEY, normalize_email(address), purpose)

    def pre_save(self, model_instance: models.Model, add: bool) -> bytes | None:
        index = self.index_of(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, index)
        return index

    def get_prep_value(self, value: Any) -> Any:
        return self.index_of(value) if isinstance(value, str) else super().get_prep_value(value)

    def get_lookup(self, lookup: str) -> Any:
        if lookup not in {"exact", "in", "isnull"}:
            raise FieldError(f"{self.name} finds whole addresses only")
        return super().get_lookup(lookup)
