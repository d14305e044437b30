"""Words by which the names of tools tell what they do; `tools.effects` reads names with them."""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _pairs(words: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(pair.split()) for pair in words.split(","))


READS = _set(
    "access analyse analyze ask assess authenticate average browse calc calculate can cat "
    "check classify compare compute convert count decode describe detect determine diff "
    "discover display download echo encode enumerate estimate evaluate examine explain "
    "explore export extract fetch filter find forecast format generate geocode get grep "
    "group has identify inspect interpret is list listen load locate look lookup ls match "
    "measure monitor observe parse peek ping predict preview probe pwd query quote rank "
    "read recall recognize recommend render retrieve round scan scrape screenshot search "
    "see select show simulate solve sort speak spell suggest summarise summarize tail test "
    "think track transcribe translate validate verify view wait wc"
)
"""Verbs that change nothing."""
STRONG_READS = _set(
    "check count describe fetch find get list lookup query read retrieve search view"
)
"""Those that are hardly ever nouns: `order_search` and `ticket_get_status` look something up."""
WRITES = _set(
    "accept acknowledge activate add adjust allocate allow alter amend append apply approve "
    "archive arm attach authorize backup ban bash block boost brew build buy cancel capture "
    "cast cd change chmod chown clean clear click clone close combine commit complete "
    "configure confirm connect consume copy cp create deactivate debit decline decrease "
    "delete deliver demote deny deploy deposit deregister destroy detach dim disable disarm "
    "disband discard disconnect dismiss dispatch donate downgrade draft drag drop duplicate "
    "edit eject empty enable end enqueue enroll enter erase evict exec execute expire "
    "extend feed fill finalize fix flush follow forget forgive fork forward freeze fulfill "
    "fund give goto grant grasp hail halt handle hide hire honk import increase increment "
    "initialize initiate insert install invalidate invest invite join kick kill launch lend "
    "lock lower make manage mark memorize merge migrate mint mkdir modify mount move mow "
    "mute mv navigate notify open overwrite patch pause pay perform place play preheat "
    "press prevent print prioritize process procure promote provision publish purchase push "
    "put quit raise reactivate rebalance rebase rebook reboot recharge reconnect redeem "
    "redirect reduce refill refuel refund register reimburse reinstall reinstate reject "
    "relocate remember remind remove rename renew reopen reorder replace reply reprioritize "
    "reroute reschedule reseat reserve reset resize resolve respond restart restock restore "
    "resubmit resume retire retract retry retweet reverse revert revoke rewind rm rmdir "
    "rollback rotate rsvp run save scale seed sell send set setup ship shuffle shut "
    "shutdown skip snooze spawn spend split stake star start stash steer stop stream submit "
    "subscribe suspend swap switch sync tag take terminate tip toggle touch transition "
    "transmit trigger truncate tune turn tweet type unarchive unassign unban unblock undo "
    "unfollow unfreeze uninstall unlink unlock unmute unpin unpublish unregister unresolve "
    "unstar unsubscribe untag untrash update upgrade upload upsert vacuum void vote waive "
    "warm water wipe withdraw write"
)
"""Verbs that change something."""
NOUNS_OR_WRITES = _set(
    "alarm appeal assign bet bid bill book call charge checkin checkout claim comment "
    "contact credit dispute email exchange file flag gift hold invoice issue label lease "
    "leave like loan log login logout mail mention message note offer order park pin plan "
    "pledge post pull rate record release rent repair report request return review schedule "
    "share sign signup store text ticket trade transfer trash wire"
)
"""Verbs that are as often nouns: they count where a verb stands, at either end of a name."""
VERBS_AT_THE_END = _set(
    "appeal assign bet bid book call charge checkin checkout claim comment dispute exchange "
    "hold login logout order park plan pledge post pull rent report request return share "
    "sign signup trade transfer trash"
)
"""Those of them that are a verb at the end of a name, too: `hotel_book`, but not `git_log`."""
SURE_WRITES = _set("add change clear create delete edit modify remove reset save set update write")
"""Verbs that are no nouns before one: `ride_update_status`, but not `order_cancel_status`."""
READ_NOUNS = _set(
    "address age allowance amount analytics availability balance balances calculator "
    "capacity catalog catalogue checker code codes contents converter coordinates cost "
    "costs count currency detail details detector directions distance docs duration "
    "eligibility eta fee fees finder forecast history hours id ids inbox index info "
    "information inventory list location logs menu metadata metrics name names number "
    "options overview policies policy price prices pricing profile quantity quota quote "
    "rate rates rating ratings reader record records result results route rules schedules "
    "schema score scores size specs state statistics stats status summary temperature terms "
    "total totals tracking tree trend trends type types usage validator value values "
    "version weather"
)
"""Nouns that tell that something is asked for."""
REPORTED = _set(
    "abuse accident bug crime damage emergency error fraud harassment hazard incident issue "
    "loss lost outage problem scam spam stolen theft violation"
)
"""What is reported, where `report` stands behind it: any other report is one to read."""
SCHEDULED = _set(
    "apartment appointment call callback delivery demo doctor event interview maintenance "
    "meeting pickup reminder task tour viewing visit"
)
"""What is put on a calendar, where `schedule` stands behind it: a bus schedule is one to read."""
PHRASES = _pairs(
    "check in, check out, sign up, sign in, sign out, log in, log out, opt in, opt out, turn on, "
    "turn off, switch on, switch off, top up, roll back, shut down, set up, clock in, clock out, "
    "pay off, cash out, hang up, back up, follow up, pick up, put down, go live, drive to, "
    "post status"
)
"""Writes of two words, of which the first alone would be something else."""
QUESTIONS = _set("are can could did do does has have is should was will")
"""Words that begin a question: `can_send_mms` sends nothing."""
READ_OBJECTS: dict[str, frozenset[str]] = {
    "take": _set("screenshot snapshot"),
    "capture": _set("screenshot screen snapshot"),
    "run": _set(
        "test tests query report check checks diagnostic diagnostics scan analysis simulation "
        "search inspection backtest benchmark lint"
    ),
    "perform": _set(
        "search lookup calculation check analysis query scan test conversion inspection"
    ),
    "do": _set("search lookup calculation"),
    "execute": _set("search query"),
    "make": _set("calculation prediction estimate"),
    "open": _set("node nodes file files page url link document image"),
    "resolve": _set("library dns domain host hostname url address name path id ip redirect"),
    "set": _set("difference intersection union"),
    "plan": _set("route routes path"),
    "add": _set("number numbers integers floats"),
    "reverse": _set("geocode geocoding string text list lookup input word"),
    "combine": _set("strings text"),
    "text": _set("speech audio image images video voice sql"),
    "split": _set("string text"),
}
"""Verb -> what it does not change, though it changes other things."""
WRITE_OBJECTS: dict[str, frozenset[str]] = {
    "select": _set("option seat seats plan payment item"),
    "format": _set("disk drive volume partition"),
    "download": _set("app application update"),
    "echo": _set("file"),
}
"""Verb -> what it changes, though it changes nothing else."""
ARITHMETIC = _set("add divide multiply power subtract sum")
"""Names that, alone, are sums."""
GLUED = ("get", "create", "delete", "update", "remove", "send", "search", "fetch", "cancel", "list")
"""Verbs that are looked for at the beginning of a name without word boundaries, `sendmail`."""
GENERIC = _set("call do execute handle invoke make manage perform play process run set start")
"""Verbs that tell little alone: their objects tell more."""
