"""What can happen to a request: one function each, safe to do twice.

asking      a request comes in, by the form or by phone
thread      what the requester and staff do with it
clock       the promise of each answer: begun, paused, moved by closures, kept or broken
desk        TA staff take the next one, and open one
reminders   what TA staff are told by mail
links       the private link
retention   what is forgotten, and when
"""
