"""The words and keys by which an answer of a tool says that a call has failed."""

from __future__ import annotations

import re

MAX_ERROR = 4_000
"""Errors are short; a longer JSON observation is data."""
ERROR_TEXT = re.compile(
    r"""\s*(?:(?:api\ |internal\ |http\ |server\ |tool\ )?error\b
    |exception\b | \w+(?:Error|Exception):\  | traceback\ \(most\ recent
    |(?:http\S*\s+)?(?:400\ bad\ request|401\ unauthorized|403\ forbidden|404\ not\ found
    |408\ request|409\ conflict|422\ unprocessable|429\ too\ many|500\ internal|502\ bad\ gateway
    |503\ service|504\ gateway))""",
    re.IGNORECASE | re.VERBOSE,
)
FAILURE_TEXT = re.compile(
    r"""[\s\W]*(?:(?!no\ |none\ |nothing\ )(?:[a-z]+\ ){0,3}(?:failed|unsuccessful)\b
    |failure\b | failed\b | false\W*$ | unavailable\W*$
    |(?:[a-z]+\ ){0,2}not\ (?:found|allowed|permitted|possible|available|authori[sz]ed)\b
    |no\ (?:[a-z]+\ ){0,2}(?:available|availability)\b | sold\ out\b | out\ of\ stock\b
    |insufficient\b
    |(?:(?:i'm|i\ am|we're|we\ are)\ )?sorry\b[^.]{0,40}\b(?:\w+\ not|\w+n't|cannot|unable|failed)\b
    |(?:[\w'-]+\ ){1,5}(?:could\ not|couldn't)\ be\b
    |(?:[\w'-]+\ ){1,5}(?:is|are|was|were|has\ been|have\ been)\ (?:
        not\ (?:available|possible|allowed|permitted|found|successful|accepted|authori[sz]ed)
        |unavailable|unsuccessful|rejected|denied|refused|declined|invalid)\b
    |(?:was\ |we\ (?:are|were)\ |i\ (?:am|was)\ )?unable\ to\b
    |(?:we\ |i\ |sorry\W+(?:we|i)\ )?(?:could\ not|couldn't|cannot|can't|can\ not)\b
    |invalid\b | unauthori[sz]ed\b | forbidden\b | bad\ request\b | timed?[\ -]?out\b
    |(?:permission|access|request)\ (?:was\ )?(?:denied|rejected|refused)\b | rejected\b | denied\b
    |(?:http\S*\s+|status(?:\ code)?\W+)[45]\d\d\b | [45]\d\d\ ?[:-]\s
    |<error\b | fatal\b | no\ such\b)""",
    re.IGNORECASE | re.VERBOSE,
)
NOT_DONE = re.compile(r"\W*(?:[\w'-]+ ){1,5}(?:cannot|can't|can not) be (\w+)", re.IGNORECASE)
PAIR = re.compile(r"\W*(\w[\w ]{1,20}?)\s*[:=]\s*(\w[\w ]{0,30}?)\W*")
FENCED = re.compile(r"\s*```\w*\n(.*)\n```\s*", re.DOTALL)
PAST = re.compile(r"prev|old|last|prior|former|orig|initial|before")
ERROR_MARKS = ("rror", '"success"', '"ok"', "tatusCode", "tatus_code", "\\u00")
"""A JSON object that is an error holds one of these; most hold none, and need not be read."""
TOLD = frozenset({"error", "errors", "errormessage", "errorcode", "exception", "fault"})
GOOD_FLAGS = frozenset(
    {"success", "ok", "succeeded", "successful", "issuccess", "issuccessful", "isok", "ack", "done"}
    | {"accepted", "approved", "completed", "processed", "executed"}
)
BAD_FLAGS = frozenset({"iserror", "haserror", "failed", "isfailed", "failure", "rejected"})
CODES = frozenset({"statuscode", "httpstatus", "httpcode", "httpstatuscode", "responsecode"})
STATUSES = frozenset({"status", "result", "outcome", "state", "response", "code"})
MESSAGES = frozenset({"message", "msg", "detail", "reason", "text", "content"})
AROUND = frozenset(
    {"result", "results", "data", "response", "output", "body", "item", "payload", "return"}
    | {"content", "status"}
)
"""Keys under which an answer may stand."""
MAX_AROUND = 3
PARTICIPLES = {
    **{"send": "sent", "pay": "paid", "buy": "bought", "sell": "sold", "make": "made"},
    **{"take": "taken", "give": "given", "set": "set", "put": "put", "write": "written"},
}
BAD = frozenset(
    {"error", "errored", "fail", "failed", "failure", "unsuccessful", "exception", "fatal", "nok"}
    | {"rejected", "denied", "declined", "refused", "forbidden", "unauthorized", "unauthorised"}
    | {"invalid", "aborted", "timeout", "timed out", "not found", "not ok", "bad request", "ko"}
    | {"conflict", "unprocessable", "unavailable", "not allowed", "not permitted", "false"}
)
WELL = frozenset(
    {"success", "succeeded", "successful", "ok", "okay", "done", "completed", "complete", "true"}
    | {"confirmed", "accepted", "approved", "created", "updated", "booked", "sent"}
)
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
TRANSIENT = re.compile(
    r"""\s*(?:(?:api\ |internal\ |http\ |server\ |tool\ )?error[:\ ]*)?(?:http\S*\s+)?
    (?:(?:408|429|500|502|503|504)\b | (?:request\ |connection\ )?time(?:d\ |-)?out\b
    |service\ (?:is\ )?(?:temporarily\ )?unavailable\b | too\ many\ requests\b)""",
    re.IGNORECASE | re.VERBOSE,
)
