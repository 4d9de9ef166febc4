"""Judges lab 1g: mailboxes, addresses, limits, and a backup from which a message came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from graders.facts.files import Mentions
from graders.facts.filling import End, Filled, Filling, Fills
from graders.facts.letters import (
    SERVER,
    address_of,
    called,
    contract,
    digest,
    from_outside,
    login_of,
    loser_of,
    mail_of,
    require_arrived,
    require_not_seen,
    require_reads,
    require_sent,
    seen,
)
from graders.facts.mailboxes import Look, Rooms
from graders.facts.mailprogram import PATIENCE
from graders.facts.nights import Readable
from graders.facts.post import Posted, Said, Waiting, outsider, posting
from graders.facts.saving import (
    BACKUP,
    require_closed,
    require_every_night,
    require_good_ones,
    require_jobs,
    require_only_old_ones_go,
    saved,
)
from runner.check import check, require
from runner.host import Host
from runner.values import Person, Values

MIB = 1024 * 1024
KIB = 1024
WARNED = 4
"""Seconds within which a warning has come, where mails come in a fraction of one."""
POSTED = (
    "mail: file /srv/mail/*",
    "mail: file /var/spool/postfix/*",
    "mail: file /var/lib/postfix/*",
    "mail: file /var/lib/dovecot/*",
    "mail: process *",
)
"""Folders, lists and locks of who has got mail; who serves stays for the next."""
SAVED = (
    *POSTED,
    "mail: file /var/log/*",
    "mail: file /var/lib/systemd/timers*",
)
"""What a job has said and when; what it has made is taken away."""


@check(guard=True, leaves=POSTED)
def everybody_has_their_mail(desk: Host, mail: Host, values: Values) -> None:
    """Everybody has all the mail that they had, by their passwords, and sends and gets more."""
    first, *_, last = values.people("staff")
    loser, welcome = loser_of(values), "Welcome to your mailbox"
    with posting(mail) as subject:
        require_sent(desk, values, loser, mail_of(values, first), subject)
        *found, new = seen(
            desk,
            Look(login_of(first), welcome),
            Look(login_of(last), welcome),
            Look(login_of(loser), "Contract"),
            Look(login_of(first), subject, PATIENCE),
        )
    kept = (
        {welcome: first.login},
        {welcome: last.login},
        {
            contract(values, -17): "renewed",
            contract(values, 3): "renewed",
            contract(values, 4): "offered",
        },
    )
    for one, sees, wanted in zip((first, last, loser), found, kept, strict=True):
        require_reads(sees, one)
        for title, text in wanted.items():
            require(
                digest(values, title, text) in sees.texts,
                f"{one.login} no longer has the message {title!r}",
            )
    require(new.mails, f"{first.login} does not get the mail that {loser.login} sends")


@check(guard=True, leaves=POSTED)
def strangers_send_nothing_outside(desk: Host, mail: Host, values: Values) -> None:
    """For who does not log in, the server takes no mail to other companies."""
    sender, foreign = mail_of(values, values.people("staff")[0]), outsider()
    with posting(mail, foreign) as subject:
        found = desk.ask(Posted(SERVER, sender, (foreign,), subject))
    require(
        found is not Said.YES,
        "without any login, the server takes mail to another company",
        hint="who may relay, and from which networks?",
    )


@check(guard=True)
def mail_is_closed_to_other_accounts(mail: Host) -> None:
    """On the server, other accounts read neither anybody's mail nor the list of passwords."""
    found = mail.ask(Readable("nobody", ("/srv/mail", "/etc/dovecot/users")))
    require(
        not found,
        f"any account on the server may read {found}",
        hint="whose is it, and who else needs it?",
    )


@check(guard=True)
def good_backups_are_kept(mail: Host, values: Values) -> None:
    """The backups of the last days are there, and so is what others keep beside them."""
    require_good_ones(mail, values)


@check(points=3, leaves=POSTED)
def newcomers_have_mailboxes(desk: Host, mail: Host, values: Values) -> None:
    """The newcomers get mail from outside, read it by their passwords, and send mail."""
    newcomers = values.people("newcomers")
    own = tuple(mail_of(values, one) for one in newcomers)
    with from_outside(desk, mail, *own) as subjects:
        found = seen(
            desk,
            *(
                Look(login_of(one), subject, patience=1)
                for one, subject in zip(newcomers, subjects, strict=True)
            ),
        )
        for one, address, sees in zip(newcomers, own, found, strict=True):
            require_arrived(sees, one, address)
        for one, address, subject in zip(newcomers, own, subjects, strict=True):
            require_sent(desk, values, one, address, f"{subject}-own")
            mail.ask(Waiting(address))


@check(points=1, after=newcomers_have_mailboxes)
def passwords_stand_nowhere_in_clear(mail: Host, values: Values) -> None:
    """The server's files hold nobody's password in clear."""
    for one in values.people("newcomers"):
        require(
            not mail.ask(Mentions(one.password, ("/etc", "/srv"))),
            f"the password of {one.login} stands in clear in a file of the server",
            hint="what has to be kept to recognise a password?",
        )


@check(points=2, leaves=POSTED)
def address_reaches_several(desk: Host, mail: Host, values: Values) -> None:
    """What is sent to an address for two people arrives at both of them and at nobody else's."""
    _, first, other, second, *_ = values.people("staff")
    _require_reaches(desk, mail, address_of(values, values.text("alias")), (first, second), other)


@check(points=1, leaves=POSTED)
def leavers_mail_goes_on(desk: Host, mail: Host, values: Values) -> None:
    """What is sent to somebody who has left arrives at the one colleague who was named."""
    _, other, _, heir, *_ = values.people("staff")
    _require_reaches(desk, mail, mail_of(values, values.person("leaver")), (heir,), other)


@check(points=4, leaves=POSTED)
def shared_mailbox_is_one_for_all(desk: Host, mail: Host, values: Values) -> None:
    """Each of the team sees the shared mailbox under their own login; who deletes, does for all."""
    first, *others = values.people("staff")[:4]
    address = address_of(values, values.text("shared"))
    with from_outside(desk, mail, address) as (subject,):
        found = seen(
            desk,
            Look(login_of(first), subject, patience=1),
            *(Look(login_of(one), subject) for one in others),
            Look(login_of(first), subject, remove=True),
            *(Look(login_of(one), subject) for one in others),
        )
    for one, sees in zip((first, *others), found, strict=False):
        require_arrived(sees, one, address)
    for one, left in zip(others, found[-len(others) :], strict=True):
        require(
            left.said is Said.YES and not left.mails,
            f"{first.login} has deleted a message of {address}; {one.login} still sees it",
            hint="how many mailboxes are there, and what may each of the team do in it?",
        )


@check(points=2, after=shared_mailbox_is_one_for_all, leaves=POSTED)
def shared_mailbox_is_the_teams_alone(desk: Host, mail: Host, values: Values) -> None:
    """Nobody outside the team sees anything of the shared mailbox."""
    member, *_ = values.people("staff")
    stranger = values.people("staff")[4]
    _require_reaches(desk, mail, address_of(values, values.text("shared")), (member,), stranger)


@check(points=3)
def limits_are_shown(desk: Host, values: Values) -> None:
    """Everybody's mail program shows the same limit, and for one person the larger one."""
    first, roomy, loser, _, other, *_ = values.people("staff")
    newcomer = values.people("newcomers")[1]
    everybody = (first, roomy, loser, other, newcomer)
    rooms = desk.ask(Rooms(SERVER, tuple(map(login_of, everybody))))
    for one in everybody:
        room, wanted = rooms[one.login], values.number("roomy" if one is roomy else "limit")
        if room is None:
            require(
                one is newcomer,  # who has no mailbox yet is for another check to see
                f"the mail program of {one.login} shows no limit",
                hint="the limit is one thing, that IMAP tells of it another",
            )
            continue
        require(
            room.limit == wanted * KIB,
            f"the mailbox of {one.login} holds {room.limit} KiB; {wanted} MiB was asked for",
            hint="who comes tomorrow?" if one is newcomer else "",
        )


@check(points=4, leaves=POSTED)
def full_mailbox_takes_no_more(desk: Host, mail: Host, values: Values) -> None:
    """A mailbox at its limit takes no more, and who has written is told at once."""
    writer, *_, reader = values.people("staff")
    with _written(mail, values, writer) as subject:
        # The first mail fits, and so does a warning; the second may overstep the limit; when the
        # third comes, it is passed.
        (filled,) = _filled(desk, values, writer, subject, {reader: (73, 20, 20, 20)})
        _require_room(filled, reader)
        require(
            filled.ends[-1] is not End.ARRIVED,
            f"the mailbox of {reader.login} takes mails until 133 % of the limit are in it",
            hint="who counts, and who is asked before a mail is taken?",
        )
        require(
            filled.ends[-1].told,
            f"the mailbox of {reader.login} was full; {writer.login} knows nothing {PATIENCE} s on",
            hint="where is a mail that nobody has taken, and how long does it stay there?",
        )


@check(points=1, after=full_mailbox_takes_no_more, leaves=POSTED)
def larger_mailbox_takes_more(desk: Host, mail: Host, values: Values) -> None:
    """The person with the larger limit gets what would not fit into anybody else's mailbox."""
    _, reader, _, writer, *_ = values.people("staff")
    with _written(mail, values, writer) as subject:
        (filled,) = _filled(desk, values, writer, subject, {reader: (130, 20)})
        require(
            filled.laid and filled.ends[0] is End.ARRIVED,
            f"the mailbox of {reader.login} does not take 150 % of what others have",
        )


@check(points=3, within=WARNED, leaves=POSTED)
def who_is_nearly_full_is_warned(desk: Host, mail: Host, values: Values) -> None:
    """Who passes the warning level gets a mail that says so; who is below it gets none."""
    *_, writer, above, below, _ = values.people("staff")
    level = values.number("warn_at")
    with _written(mail, values, writer) as subject:
        # The second is warned later than the first would have been.
        sizes = {below: (level - 25, 15), above: (level - 10, 15)}
        spared, warned = _filled(desk, values, writer, subject, sizes, watch=WARNED)
        for filled, reader in ((spared, below), (warned, above)):
            _require_room(filled, reader)
        require(
            warned.told,
            f"the mailbox of {above.login} is over {level} % full; no mail has told its owner so",
            hint="try the script by hand, as the account that is to run it",
        )
        require(not spared.told, f"{below.login}, still below the level, is warned as well")


@check(points=3)
def lost_message_is_back(desk: Host, values: Values) -> None:
    """The message that was lost can be read in its old folder again, as it was."""
    subject, folder, loser = contract(values), values.text("folder"), loser_of(values)
    (sees,) = seen(desk, Look(login_of(loser), subject))
    require_reads(sees, loser)
    here = [texts for name, texts in sees.mails if called(name) == folder]
    require(
        here or folder not in map(called, sees.unreadable),
        f"in the folder {folder} there is a message that the server cannot read to {loser.login}",
        hint="whose is the file? The server's log says what it cannot do",
    )
    require(here, f"in the folder {folder}, {loser.login} sees no message {subject!r}")
    require(
        digest(values, subject, values.text("terms")) in here[0],
        f"{loser.login} sees a message {subject!r} in {folder}; it is not the one that was lost",
        hint="the backups of which nights have it?",
    )


@check(points=1, after=lost_message_is_back)
def nothing_else_came_back(desk: Host, values: Values) -> None:
    """What had gone on purpose stays away, and the message is there once."""
    loser, subject = loser_of(values), contract(values)
    # A search for the subject finds the draft as well, whose subject goes on.
    (sees,) = seen(desk, Look(login_of(loser), subject))
    require(
        len(sees.texts) == 1,
        f"{loser.login} sees {len(sees.texts)} messages whose subjects begin with {subject!r}",
        hint="one message was missed, not a folder",
    )


@check(points=4, survives_restart=True, disruptive=True, leaves=SAVED)
def backup_is_made_every_night(desk: Host, mail: Host, values: Values) -> None:
    """A job that is due every night makes a backup of its day, in which all mail is found again."""
    jobs = require_jobs(mail)
    member, *_, reader = values.people("staff")[:5]
    newcomer = values.people("newcomers")[0]
    readers = {
        mail_of(values, reader): reader,
        mail_of(values, newcomer): newcomer,
        address_of(values, values.text("shared")): member,
    }
    sender = outsider()
    with posting(mail, sender) as trace:
        subjects = {address: f"{trace}-{number}" for number, address in enumerate(readers)}
        for address, subject in subjects.items():
            desk.ask(Posted(SERVER, sender, (address,), subject))
        mail.ask(Waiting(sender))
        found = seen(
            desk,
            *(Look(login_of(one), subjects[address], 1) for address, one in readers.items()),
        )
        # That there is such a mailbox is for other checks to see.
        there = [address for address, sees in zip(subjects, found, strict=True) if sees.mails]
        require(mail_of(values, reader) in there, f"{reader.login} gets no mail")
        wanted = (*(subjects[address] for address in there), contract(values, -17))
        saving = saved(mail, jobs, wanted)
    require(
        saving.made,
        "started as it would be at night, the job makes no "
        f"{BACKUP}/mail-YYYY-MM-DD.tar.gz{saving.said}",
        hint="does a job have the same surroundings at night as you have at your prompt?",
    )
    for _, night in saving.made:
        require(
            not night.problem, f"{BACKUP}/{night.name} is not as was asked for: {night.problem}"
        )
        lost = [address for address in there if subjects[address] not in night.texts]
        require(
            not lost, f"what has just arrived for {', '.join(lost)} is not in {BACKUP}/{night.name}"
        )
        require(
            len(night.texts) == len(wanted),
            f"a message in a folder of somebody's is not in {BACKUP}/{night.name}",
            hint="compare with a backup of the old server: tar -tzf",
        )
    require_every_night(mail, jobs, saving.jobs)


@check(points=2, after=backup_is_made_every_night, disruptive=True, leaves=SAVED)
def old_backups_go(mail: Host, values: Values) -> None:
    """When a backup is made, those go that are too old, and nothing else goes."""
    require_only_old_ones_go(mail, require_jobs(mail), values)


@check(points=2, after=backup_is_made_every_night, disruptive=True, leaves=SAVED)
def backups_are_roots_alone(mail: Host) -> None:
    """Nobody but root reads the new backups."""
    require_closed(mail, require_jobs(mail), ("nobody", "vmail"))


def _require_reaches(
    desk: Host, mail: Host, address: str, readers: tuple[Person, ...], other: Person
) -> None:
    """What is sent to the address is seen by all of these and not by the other."""
    with from_outside(desk, mail, address) as (subject,):
        first, *others = (login_of(one) for one in (*readers, other))
        # By the time the first has got it, it has been tried to be delivered to all.
        *found, foreign = seen(
            desk, Look(first, subject, patience=1), *(Look(one, subject) for one in others)
        )
        for one, sees in zip(readers, found, strict=True):
            require_arrived(sees, one, address)
        require_not_seen(foreign, other, address)


def _require_room(filled: Filled, reader: Person) -> None:
    """What fits is taken: that nothing gets in is no limit."""
    require(filled.laid, f"the mailbox of {reader.login} is full before it holds what it should")
    require(
        filled.ends[0] is End.ARRIVED,
        f"the mailbox of {reader.login} has room; a mail that fits was {filled.ends[0]}",
    )


@contextmanager
def _written(mail: Host, values: Values, writer: Person) -> Iterator[str]:
    """The subject of mails by `writer` that neither a mailbox nor the queue holds afterwards."""
    with posting(mail, f'"sender": "{mail_of(values, writer)}"') as subject:
        yield subject


def _filled(
    desk: Host,
    values: Values,
    writer: Person,
    subject: str,
    shares: Mapping[Person, tuple[int, ...]],
    *,
    watch: int = 0,
) -> tuple[Filled, ...]:
    """Mailboxes filled with messages of so many per cent of everybody's limit."""
    fillings = []
    for one, (laid, *mails) in shares.items():
        sizes = [share * values.number("limit") * MIB // 100 for share in mails]
        first = laid * values.number("limit") * MIB // 100
        fillings.append(Filling(login_of(one), mail_of(values, one), first, tuple(sizes)))
    found = desk.ask(
        Fills(
            SERVER,
            login_of(writer),
            mail_of(values, writer),
            subject,
            tuple(fillings),
            watch,
        )
    )
    require(len(found) == len(fillings), f"{writer.login} or who is written to does not get in")
    return found
