"""Judges lab 1c: accounts from HR's list, rules for passwords, and the helpdesk's rights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from graders.facts import ldif
from graders.facts.accounts import by_login, everybody, log_in, may_reset
from graders.facts.directory import (
    BASE,
    NEVER,
    Accounts,
    Altered,
    Asked,
    LogIn,
    LogIns,
    Permission,
    Writable,
    filetime,
    moment,
    named,
)
from graders.facts.ldif import Entry, common_name
from graders.facts.passwords import Change, OwnPassword, Rules, RulesFor, varied
from graders.facts.shares import Entrance, Share
from graders.facts.stand_in import PREFIX, StandIn, stand_in
from runner.check import check, require
from runner.errors import UnreadableOutput
from runner.host import Host
from runner.values import Person, Values
from runner.verdict import Failure

STAFF = f"OU=Staff,{BASE}"
IT = f"OU=IT,{BASE}"
HELPDESK = "Helpdesk"
DISABLED = 0x2
NEVER_EXPIRES = 0x10000
PRIVILEGED = (
    "Administrators",
    "Domain Admins",
    "Enterprise Admins",
    "Schema Admins",
    "Group Policy Creator Owners",
    "Account Operators",
    "Server Operators",
    "Backup Operators",
    "Print Operators",
)
DELEGATED = {"pwdlastset", "lockouttime"}
"""What the helpdesk writes when it resets a password or unlocks an account."""


@check(guard=True, leaves=("client: file /run/samba", "client: file /run/samba/gencache.tdb"))
def domain_answers(client: Host, values: Values) -> None:
    """The domain controller answers a login from the office."""
    (answer,) = client.ask(LogIns((("Administrator", values.text("admin_password")),)))
    require(
        answer is not LogIn.UNANSWERED,
        f"the login of Administrator {answer.value}",
        hint="does the service on the controller run, and can it be reached?",
    )


@check(guard=True, after=domain_answers)
def colleagues_still_work(client: Host, dc: Host, values: Values) -> None:
    """Everybody who had an account works on with it: same password, same shared folder."""
    people = (*values.people("stayers"), *map(values.person, ("mover", "supporter", "sysadmin")))
    accounts = {person.login: person.password for person in people}
    accounts["Administrator"] = values.text("admin_password")
    _require_none(
        (name, f"the login {answer.value}")
        for name, answer in log_in(client, dc, accounts).items()
        if answer is not LogIn.ACCEPTED
    )
    # The first stayer is in the first department, the second in the second.
    departments = values.texts("departments")[:2]
    for person, department in zip(values.people("stayers"), departments, strict=True):
        entrance = client.ask(Share("dc", department.lower(), person.login, person.password))
        require(
            entrance is Entrance.OPEN,
            f"for {person.login} the share {department.lower()} is {entrance.value}",
            hint="which groups was this person in before?",
        )


@check(guard=True, after=domain_answers)
def nobody_became_administrator(dc: Host, values: Values) -> None:
    """The groups with power over the whole domain have the members they always had."""
    standing = {
        "Administrators": {"Administrator", "Domain Admins", "Enterprise Admins"},
        "Domain Admins": {"Administrator", values.person("sysadmin").name},
        "Enterprise Admins": {"Administrator"},
        "Schema Admins": {"Administrator"},
        "Group Policy Creator Owners": {"Administrator"},
    }
    for group in dc.ask(Accounts(named(*PRIVILEGED), ("sAMAccountName", "member"))):
        name = group.one("sAMAccountName")
        members = {common_name(dn) for dn in group.all("member")}
        expected = standing.get(name, set())
        require(members >= expected, f"{name} has lost {_listed(expected - members)}")
        require(
            members <= expected,
            f"{name} has new members: {_listed(members - expected)}",
            hint="a member of such a group can do far more than anything on the ticket needs",
        )


@check(points=3, after=domain_answers)
def newcomers_choose_their_password(client: Host, dc: Host, values: Values) -> None:
    """Each new person gets in with HR's first password and must choose their own at once."""
    accounts = {person.login: person.password for person in _joining(values)}
    _require_none(
        (
            (name, f"the login {answer.value}")
            for name, answer in log_in(client, dc, accounts).items()
            if answer is not LogIn.MUST_CHANGE
        ),
        hint="a first password is known to HR: it is good for one login only",
    )


@check(points=2, after=domain_answers)
def newcomers_are_in_their_department(dc: Host, values: Values) -> None:
    """Each new person's account stands in OU=Staff and in the group of their department alone."""
    departments = values.texts("departments")
    found = by_login(dc, _joining(values), "memberOf")
    wrong = []
    for person, own in _departments(values).items():
        entry = found.get(person.login)
        if entry is None:
            wrong.append((person.login, "there is no such account"))
            continue
        groups = {common_name(dn) for dn in entry.all("memberOf")} & set(departments)
        if groups != {own}:
            wrong.append((person.login, f"in {_listed(groups)}; {own} was expected"))
        if not entry.below(STAFF):
            wrong.append((person.login, "not in OU=Staff"))
    _require_none(wrong, hint="compare with the list line by line; one department is new")


@check(points=1, after=domain_answers)
def newcomers_are_in_the_phone_book(dc: Host, values: Values) -> None:
    """The directory knows each new person's given name, family name and department."""
    found = by_login(dc, _joining(values), "givenName", "sn", "department")
    wrong = []
    for person, own in _departments(values).items():
        entry = found.get(person.login, Entry(""))
        shown = (entry.one("givenName"), entry.one("sn"))
        if shown != (person.given, person.family):
            wrong.append((person.login, f"listed as {' '.join(shown).strip() or 'nobody'}"))
        elif entry.one("department") != own:
            wrong.append((person.login, f"listed in {entry.one('department') or 'no department'}"))
    _require_none(wrong, hint="programs look for given name, family name and department apart")


@check(points=1, after=domain_answers)
def contractor_leaves_in_time(dc: Host, values: Values) -> None:
    """The contractor's account works through the last day and is closed by the end of the next."""
    person = values.person("contractor")
    found = by_login(dc, _joining(values), "accountExpires")
    require(person.login in found, f"there is no account {person.login}")
    midnight = datetime.fromisoformat(f"{values.text('last_day')}T00:00").replace(tzinfo=UTC)
    end = found[person.login].number("accountExpires")
    require(end not in NEVER, f"the account {person.login} never expires")
    require(
        filetime(midnight + timedelta(hours=18)) <= end <= filetime(midnight + timedelta(days=2)),
        f"the account {person.login} ends on {moment(end):%Y-%m-%d at %H:%M}; it is needed until "
        f"18:00 on {values.text('last_day')} and closed by the end of the day after",
    )
    _require_none(
        (login, "no contractor, but the account expires")
        for login, entry in found.items()
        if login != person.login and entry.number("accountExpires") not in NEVER
    )


@check(points=2, after=colleagues_still_work)
def mover_changed_department(client: Host, values: Values) -> None:
    """Who changed department opens the new department's share and no longer the old one's."""
    person = values.person("mover")
    old, new, _ = values.texts("departments")
    entrances = [
        client.ask(Share("dc", department.lower(), person.login, person.password))
        for department in (new, old)
    ]
    require(
        entrances[0] is Entrance.OPEN,
        f"for {person.login} the share {new.lower()} is {entrances[0].value}",
        hint="what does the share ask of those who may enter?",
    )
    require(
        entrances[1] is Entrance.DENIED,
        f"for {person.login} the share {old.lower()} is still {entrances[1].value}",
        hint="rights that are no longer needed are taken back",
    )


@check(points=2, after=domain_answers)
def leaver_is_shut_out(client: Host, dc: Host, values: Values) -> None:
    """Who left cannot log in; the account is disabled, kept, and in its group for the auditors."""
    person, department = values.person("leaver"), values.texts("departments")[1]
    entry = by_login(dc, [person], "userAccountControl", "memberOf").get(person.login)
    if entry is None:
        raise Failure(
            f"the account {person.login} is gone",
            hint="the auditors want to see what this person could reach",
        )
    answer = log_in(client, dc, {person.login: person.password})[person.login]
    require(
        entry.number("userAccountControl") & DISABLED,
        f"the account {person.login} is not disabled: the login {answer.value}",
    )
    groups = {common_name(dn) for dn in entry.all("memberOf")}
    require(
        department in groups,
        f"{person.login} is no longer in the group {department}",
        hint="the auditors want to see what this person could reach",
    )


@check(points=2, after=domain_answers)
def service_account_runs_unattended(client: Host, dc: Host, values: Values) -> None:
    """The service account stands in OU=IT, logs in with its password, and that never expires."""
    name = values.text("service")
    answer = log_in(client, dc, {name: values.text("service_password")})[name]
    require(
        answer is LogIn.ACCEPTED,
        f"{name}: the login {answer.value}",
        hint="there is nobody at a service to change its password",
    )
    (entry,) = dc.ask(Accounts(named(name), ("userAccountControl",)))
    require(
        entry.number("userAccountControl") & NEVER_EXPIRES,
        f"the password of {name} will expire, and the service will stop",
    )
    require(entry.below(IT), f"{name} stands at {entry.dn}; OU=IT was expected")


@check(points=3, after=domain_answers)
def weak_passwords_are_refused(client: Host, dc: Host, values: Values) -> None:
    """Nobody can choose a password that is too short or too simple; a good one is accepted."""
    length = values.number("min_length")
    with stand_in(dc, "length", must_change=True) as account:

        def chosen(new: str) -> Change:
            return client.ask(OwnPassword(account.name, account.password, new))

        require(
            chosen(varied(length - 1)) is Change.AGAINST_RULES,
            f"a user could choose a password of {length - 1} characters; {length} are asked for",
            hint="the rule is for every account, also those that are made next month",
        )
        require(
            chosen("onlysmallletters" * 2) is Change.AGAINST_RULES,
            "a user could choose a long password of nothing but small letters",
            hint="length is one rule, kinds of characters another",
        )
        require(
            chosen(varied(length)) is Change.MADE,
            f"a user could not choose a password of {length} varied characters",
            hint="the rule is stricter than the one that people were told",
        )


@check(points=2, after=domain_answers)
def old_passwords_are_refused(client: Host, dc: Host, values: Values) -> None:
    """Nobody can go back to one of their last passwords, as many as the rules say."""
    count = values.number("history")
    with stand_in(dc, "history", earlier=count, must_change=True) as account:
        forgotten, oldest = account.passwords[:2]
        answer = client.ask(OwnPassword(account.name, account.password, oldest))
        require(
            answer is Change.AGAINST_RULES,
            f"a user could go back to a password used {count - 1} passwords ago",
        )
        answer = client.ask(OwnPassword(account.name, account.password, forgotten))
        require(
            answer is Change.MADE,
            f"a user could not go back to a password used {count} passwords ago; the last "
            f"{count}, with the present one, are to be refused",
        )


@check(points=1, after=domain_answers)
def passwords_are_kept_a_day(client: Host, dc: Host) -> None:
    """A password that was just changed cannot be changed again on the same day."""
    with stand_in(dc, "keeping") as account:
        change = (
            f"dn: {account.dn}\nchangetype: modify\n"
            f"delete: unicodePwd\nunicodePwd:: {ldif.quoted_password(account.password)}\n-\n"
            f"add: unicodePwd\nunicodePwd:: {ldif.quoted_password(varied(40))}\n-\n"
        )
        (answer,) = client.ask(Asked(account.name, account.password, (change,)))
    require(
        answer is Permission.AGAINST_RULES,
        "a user could change a password that was a moment old",
        hint="who can change it ten times in a row is back at the old one in a minute",
    )


@check(points=2, after=domain_answers)
def passwords_expire(dc: Host, values: Values) -> None:
    """The staff's passwords expire after as many days as the rules say, nobody's never."""
    days = values.number("max_age_days")
    people = (*values.people("stayers"), values.person("mover"), *_joining(values))
    expiry = "msDS-UserPasswordExpiryTimeComputed"
    found = by_login(dc, people, "userAccountControl", "pwdLastSet", expiry)
    wrong = []
    for login, entry in sorted(found.items()):
        end, began = entry.number(expiry), entry.number("pwdLastSet")
        if entry.number("userAccountControl") & NEVER_EXPIRES:
            wrong.append((login, "the password is exempt from expiring"))
        elif began and end in NEVER:
            wrong.append((login, "the password never expires"))
        elif began and moment(end) - moment(began) != timedelta(days=days):
            wrong.append((login, f"the password lasts {(moment(end) - moment(began)).days} days"))
    _require_none(wrong, hint=f"{days} days were asked for")


@check(
    points=3,
    after=domain_answers,
    leaves=("dc: file /var/lib/samba/private/smbd.tmp/bad_password.tdb",),
)
def guessing_locks_the_account(client: Host, dc: Host, values: Values) -> None:
    """The asked number of wrong passwords locks an account, and one fewer does not."""
    limit = values.number("guesses")
    with stand_in(dc, "guessing") as account:
        guesses = [(account.name, f"guess-{number}") for number in range(limit)]
        right = (account.name, account.password)
        answers = client.ask(LogIns((*guesses[:-1], right, *guesses, right), in_turn=True))
    require(
        answers[-1] is LogIn.LOCKED,
        f"after {limit} wrong passwords the login {answers[-1].value}; "
        "the account should be locked",
        hint="which number means 'never'?",
    )
    require(
        answers[limit - 1] is LogIn.ACCEPTED,
        f"after {limit - 1} wrong passwords the login {answers[limit - 1].value}; "
        f"people may mistype {limit - 1} times",
    )


@check(points=1, after=guessing_locks_the_account)
def locked_accounts_open_again(client: Host, dc: Host, values: Values) -> None:
    """A locked account opens by itself after the asked number of minutes."""
    minutes = values.number("locked_minutes")
    with stand_in(dc, "lock") as account:
        guesses = tuple((account.name, f"guess-{n}") for n in range(values.number("guesses")))
        client.ask(LogIns(guesses, in_turn=True))
        (entry,) = dc.ask(Accounts(named(account.name), ("lockoutTime",)))
        answers: list[LogIn] = []
        # Nobody waits for it: the lock is made to have begun earlier.
        for ago in (timedelta(minutes=minutes - 1), timedelta(minutes=minutes + 1)):
            began = filetime(moment(entry.number("lockoutTime")) - ago)
            dc.ask(Altered(ldif.modification(account.dn, lockoutTime=began)))
            (answer,) = client.ask(LogIns(((account.name, account.password),)))
            answers.append(answer)
    require(
        answers[0] is LogIn.LOCKED,
        f"{minutes - 1} minutes after it was locked, the login {answers[0].value}; "
        f"it should stay locked for {minutes}",
    )
    require(
        answers[1] is LogIn.ACCEPTED,
        f"{minutes + 1} minutes after it was locked, the login {answers[1].value}",
    )


@check(points=2, after=domain_answers)
def administrators_have_longer_passwords(dc: Host, values: Values) -> None:
    """Members of Domain Admins need longer passwords; all other rules hold for them as well."""
    asked = Rules(
        length=values.number("admin_min_length"),
        varied=True,
        history=values.number("history"),
        guesses=values.number("guesses"),
    )
    for name in ("Administrator", values.person("sysadmin").login):
        rules = dc.ask(RulesFor(name))
        require(
            rules.length == asked.length,
            f"{name} could choose a password of {rules.length} characters; "
            f"{asked.length} were asked for",
            hint="the domain has one length for all; what else can carry rules?",
        )
        require(
            rules == asked,
            f"the rules for {name}: {rules}; asked for: {asked}",
            hint="rules of their own replace all of the domain's, not only the length",
        )


@check(points=3, after=colleagues_still_work)
def helpdesk_resets_passwords(client: Host, dc: Host, values: Values) -> None:
    """The helpdesk gives any of the staff a new first password, to be changed at the login."""
    helper = values.person("supporter")
    first = varied(40)
    with stand_in(dc, "reset") as account:
        change = ldif.modification(
            account.dn, unicodePwd__=ldif.quoted_password(first), pwdLastSet=0
        )
        (answer,) = client.ask(Asked(helper.login, helper.password, (change,)))
        require(
            answer is Permission.DONE,
            f"{helper.login} of the helpdesk resets a password in OU=Staff: {answer.value}",
            hint="two rights belong to it: the new password, and 'must change at next login'",
        )
        (login,) = client.ask(LogIns(((account.name, first),)))
        require(
            login is LogIn.MUST_CHANGE, f"after a reset by the helpdesk the login {login.value}"
        )
        _require_for_whoever_joins(client, dc, account)
    staff = [entry for entry in everybody(dc) if entry.below(STAFF)]
    _require_none(
        (name, f"{helper.login} of the helpdesk cannot reset the password")
        for name, may in may_reset(client, helper, staff).items()
        if not may
    )


@check(points=2, after=colleagues_still_work)
def helpdesk_unlocks_accounts(client: Host, dc: Host, values: Values) -> None:
    """The helpdesk unlocks an account of the staff."""
    helper = values.person("supporter")
    with stand_in(dc, "unlock") as account:
        stamp = filetime(datetime.now(UTC))
        dc.ask(Altered(ldif.modification(account.dn, lockoutTime=stamp)))
        change = ldif.modification(account.dn, lockoutTime=0)
        (answer,) = client.ask(Asked(helper.login, helper.password, (change,)))
    require(
        answer is Permission.DONE,
        f"{helper.login} of the helpdesk unlocks an account in OU=Staff: {answer.value}",
        hint="which attribute does the directory write when it locks an account?",
    )


@check(points=2, after=helpdesk_resets_passwords)
def helpdesk_keeps_out_of_it(client: Host, dc: Host, values: Values) -> None:
    """The helpdesk has no power over administrators, services or anyone else outside OU=Staff."""
    helper = values.person("supporter")
    others = [entry for entry in everybody(dc) if not entry.below(STAFF)]
    _require_none(
        (
            (name, f"{helper.login} of the helpdesk could reset the password")
            for name, may in may_reset(client, helper, others).items()
            if may
        ),
        hint="how far down does the delegation reach, and from where?",
    )
    admins = f"CN=Domain Admins,CN=Users,{BASE}"
    joining = (
        f"dn: {admins}\nchangetype: modify\nadd: member\nmember: CN=Administrator,CN=Users,{BASE}\n"
    )
    (answer,) = client.ask(Asked(helper.login, helper.password, (joining,)))
    require(
        answer is Permission.DENIED,
        f"{helper.login} of the helpdesk could make somebody a member of Domain Admins",
    )


@check(points=1, after=helpdesk_resets_passwords)
def helpdesk_can_do_no_more(client: Host, values: Values) -> None:
    """In OU=Staff the helpdesk resets and unlocks, and can change or create nothing else."""
    helper = values.person("supporter")
    kinds = "(|(objectCategory=person)(objectClass=organizationalUnit))"
    wrong = []
    for entry in client.ask(Writable(helper.login, helper.password, kinds)):
        if not entry.dn.endswith(STAFF) or entry.name.startswith(PREFIX):
            continue
        written = {name.lower() for name in entry.all("allowedAttributesEffective")}
        if written - DELEGATED:
            few = _listed(sorted(written - DELEGATED)[:3])
            wrong.append((entry.name, f"the helpdesk may change {few} ..."))
        if entry.all("allowedChildClassesEffective"):
            wrong.append((entry.name, "the helpdesk may create entries there"))
    _require_none(wrong, hint="delegate single rights instead of full control or a stock group")


def _require_for_whoever_joins(client: Host, dc: Host, account: StandIn) -> None:
    """The right to reset the password of `account` is the group's, not that of today's members."""
    found = dc.ask(Accounts(named(HELPDESK), ("sAMAccountName",)))
    require(found, f"there is no group {HELPDESK} any more")
    change = ldif.modification(account.dn, unicodePwd__=ldif.quoted_password(varied(41)))
    with stand_in(dc, "joining") as joining:
        member = f"changetype: modify\nadd: member\nmember: {joining.dn}\n"
        refused = dc.ask(Altered(f"dn: {found[0].dn}\n{member}"))
        if refused:
            raise UnreadableOutput(f"{joining.name} cannot join {HELPDESK}: {refused}")
        (answer,) = client.ask(Asked(joining.name, joining.password, (change,)))
    require(
        answer is Permission.DONE,
        f"who joins {HELPDESK} from now on resets a password in OU=Staff: {answer.value}",
        hint="is the right a person's or the group's?",
    )


def _joining(values: Values) -> tuple[Person, ...]:
    return (*values.people("newcomers"), values.person("contractor"))


def _departments(values: Values) -> dict[Person, str]:
    """The department of each new person: HR's list deals them out in turn."""
    names = values.texts("departments")
    return {who: names[n % len(names)] for n, who in enumerate(_joining(values))}


def _require_none(faults: Iterable[tuple[str, str]], *, hint: str = "") -> None:
    """Fail with every (who, what is wrong), those with the same fault together."""
    found: dict[str, list[str]] = {}
    for who, fault in faults:
        found.setdefault(fault, []).append(who)
    told = "; ".join(f"{', '.join(who)}: {fault}" for fault, who in found.items())
    require(not found, told, hint=hint)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
