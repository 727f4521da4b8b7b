"""Pages of technical assistance. Who asked is known here by their private link alone.

asking      what it is, the form, and what is said once it is sent
following   the private page of a request
shared      what both say of the time, and how both warn of identifiers
"""
