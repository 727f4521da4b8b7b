from django import template

from library.services import suggestions

register = template.Library()
register.simple_tag(suggestions.count_new, name="new_suggestions")
