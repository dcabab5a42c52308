"""A reference model of one marketplace, to compare the extension with.

It is written from the rules of the process and shares no code and no table with
the C source.  One Market has one test clock.  Market.call() performs a verb and
answers "ok", "RF000" (a replay) or the SQLSTATE of the refusal; a refused call
leaves nothing behind.  Numbers such as "row 12" are those of the table of
transitions of a refund request.

Not modelled: reminders, notifications, evidence bodies.  A new verb is a line in
VERBS, one in RULES and a method of Market.
"""
import pickle
from collections import namedtuple
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

MICROSECOND = timedelta(microseconds=1)
EXPONENT = {"USD": 2, "EUR": 2, "JPY": 0, "BHD": 3}


class Money(namedtuple("Money", "minor currency")):
    """An exact amount in minor units."""

    def __str__(self):
        digits = EXPONENT[self.currency]
        sign, n = "-" if self.minor < 0 else "", abs(self.minor)
        whole, part = divmod(n, 10 ** digits)
        return f"{sign}{whole}" + (f".{part:0{digits}d}" if digits else "")


class Refused(Exception):
    """SQLSTATE of a refusal."""


class Replay(Exception):
    """The call was made before: RF000."""


def refuse_if(condition, code):
    if condition:
        raise Refused(code)


# ---- time ----

class Calendar:
    """Days off: a weekend (1 = Monday) and holidays."""

    def __init__(self, weekend=(6, 7), holidays=()):
        self.weekend, self.holidays = set(weekend), set(holidays)

    def is_business_day(self, day):
        return day.isoweekday() not in self.weekend and day not in self.holidays


def deadline(opened, limit, zone, calendar):
    """When a window ends that opened at an instant.

    Hours and minutes elapse.  Days keep the wall time of the zone; business days
    keep it too and count the business days after the date of the opening.  Python
    reads a wall time in a gap of the clock with the offset before the gap, which
    moves it forward, and one that occurs twice as the first: just what is asked.
    """
    number, unit = limit.split(" ", 1)
    number, unit = int(number), unit.rstrip("s")
    if unit in ("hour", "minute"):
        return opened + number * timedelta(**{unit + "s": 1})
    wall = opened.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if unit == "day":
        wall += timedelta(days=number)
    while unit == "business day" and number > 0:
        wall += timedelta(days=1)
        number -= calendar.is_business_day(wall.date())
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)


def resume(due, held, lifted, limit, zone, calendar):
    """When a window ends that a hold has stopped from one instant to another.

    Hours and minutes: what was left elapses.  Days: what was left by the wall
    clock.  Business days: as many whole ones as were left, and the difference of
    the times of day; for the hold an instant on a day off is 00:00 of the next
    business day.  Where the wall clock says that nothing was left, or ends the
    window before the hold was lifted (it was set back), the rest elapses.
    """
    unit = limit.split(" ", 1)[1].rstrip("s")
    elapsed, again = lifted + (due - held), lifted
    due, held, lifted = (t.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for t in (due, held, lifted))
    if unit in ("hour", "minute") or due <= held:
        return elapsed
    if unit == "day":
        wall = lifted + (due - held)
    else:
        day = timedelta(days=1)

        def next_business_day(t):
            t += day
            while not calendar.is_business_day(t.date()):
                t += day
            return t

        def on_a_business_day(t):
            if calendar.is_business_day(t.date()):
                return t
            return next_business_day(t).replace(hour=0, minute=0, second=0, microsecond=0)

        held, wall = on_a_business_day(held), on_a_business_day(lifted)
        while next_business_day(held) <= due:
            held, wall = next_business_day(held), next_business_day(wall)
        rest = (due - held) % day
        # a rest that goes beyond midnight goes on at the next business day
        if (wall + rest).date() == wall.date():
            wall += rest
        else:
            wall = next_business_day(wall) + rest - day
    end = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
    return end if end > again else elapsed


STANDARD = {
    "refund_response": "7 days", "dispute_response": "5 days",
    "resolution_target": "2 business days", "resolution_limit": "30 days",
    "resolution_response": "2 days", "arbitration_window": "7 days",
    "award_target": "30 days", "award_limit": "90 days", "review_window": "14 days",
    "refund_credit": "5 business days", "post_release_refund": "180 days", "reminder_before": "24 hours",
    "max_extensions": 2, "max_extension": "7 days",
    "zone": "UTC", "calendar": "default", "arbitration_fee": ["337.50 USD"],
}


# ---- the verbs: their arguments ----

# name:kind, in the order of the SQL functions after contract_id and actor.
#   name    a text that names something: never blank, at most 255 characters
#   text    a statement, whose blankness is the verb's business
#   number  counts from 1
#   amount, label, limit, json
# "?" marks an argument that may be null.
VERBS = {
    "create_contract": "client:name freelancer:name currency:label kind:label agency:name? policy:name "
                       "test_clock:name? idempotency_key:name?",
    "add_milestone": "milestone_no:number title:name price:amount idempotency_key:name?",
    "fund": "milestone_no:number amount:amount source:name provider_ref:name? idempotency_key:name?",
    "submit_work": "milestone_no:number message:text? idempotency_key:name?",
    "request_changes": "milestone_no:number message:text idempotency_key:name?",
    "release_payment": "milestone_no:number amount:amount idempotency_key:name?",
    "release_milestone": "milestone_no:number idempotency_key:name?",
    "move_leftover": "from_milestone:number to_milestone:number amount:amount idempotency_key:name?",
    "end_contract": "final_payment:amount? idempotency_key:name?",
    "give_refund": "milestone_no:number amount:amount idempotency_key:name?",
    "approve_refund": "idempotency_key:name?",
    "dispute_refund": "amount:amount reason:text evidence:json idempotency_key:name?",
    "accept_dispute": "idempotency_key:name?",
    "decline_dispute": "statement:text evidence:json idempotency_key:name?",
    "pay_in_full": "idempotency_key:name?",
    "withdraw_dispute": "idempotency_key:name?",
    "propose_resolution": "to_freelancer:amount rationale:text idempotency_key:name?",
    "accept_resolution": "idempotency_key:name?",
    "reject_resolution": "reason:text? idempotency_key:name?",
    "join_arbitration": "fee_source:name? provider_ref:name? idempotency_key:name?",
    "record_award": "to_freelancer:amount rationale:text idempotency_key:name?",
    "offer_settlement": "to_freelancer:amount idempotency_key:name?",
    "withdraw_settlement_offer": "idempotency_key:name?",
    "accept_settlement": "offer_no:number idempotency_key:name?",
    "assign_case": "decider:name idempotency_key:name?",
    "place_hold": "kind:label reason:text idempotency_key:name?",
    "lift_hold": "hold_no:number reason:text idempotency_key:name?",
    "extend_deadline": "extension:limit reason:text idempotency_key:name?",
    "report_reversal": "deposit_no:number kind:label state:label amount:amount provider_ref:name idempotency_key:name?",
    "report_refund_payment": "payment_no:number state:label provider_ref:name?",
    "retry_refund_payment": "payment_no:number destination:name?",
}
VERBS = {verb: {name: kind for name, kind in (a.split(":") for a in spec.split())}
         for verb, spec in VERBS.items()}
DEFAULTS = {"create_contract": {"kind": "fixed_price", "policy": "standard"},
            "dispute_refund": {"evidence": "[]"}, "decline_dispute": {"evidence": "[]"}}


def default(verb, name):
    return DEFAULTS.get(verb, {}).get(name)


def complete(verb, args):
    """All arguments of a call, in order, defaults filled in."""
    return {name: args.get(name, default(verb, name)) for name in VERBS[verb]}


def check_form(verb, actor, args):
    """What can be said without looking at a contract: 22004, then the others."""
    values = [(args[name], kind) for name, kind in VERBS[verb].items()]
    if verb != "create_contract":
        values.insert(0, (actor, "name"))
    for value, kind in values:
        refuse_if(value is None and not kind.endswith("?"), "22004")
    for value, kind in values:
        if value is None:
            continue
        if kind.startswith("name"):
            refuse_if(not value.strip(), "22023")
            refuse_if(len(value) > 255, "22001")
        elif kind == "number":
            refuse_if(value < 1, "22023")
    refuse_if(args.get("state") == "pending", "22023")      # nobody reports that


# ---- the verbs: who may, and when ----

OPEN = {"requested", "disputed", "in_review", "proposed", "unresolved", "in_arbitration"}
CONTESTED = {"disputed", "in_review", "proposed", "unresolved"}

# verb: (who, what it needs, the states that know it)
# who: client, freelancer (side), parties (both), mediator, arbitrator, operator
# needs: active or ended, as RF009 has it, or nothing
RULES = {
    "add_milestone": ("client", "active", None),
    "fund": ("client", None, None),
    "submit_work": ("freelancer", "active", None),
    "request_changes": ("client", "active", None),
    "release_payment": ("client", "active", None),
    "release_milestone": ("client", "active", None),
    "move_leftover": ("client", "active", None),
    "end_contract": ("parties", "active", None),
    "give_refund": ("freelancer", None, None),
    "approve_refund": ("freelancer", "ended", {"requested"}),              # row 2
    "dispute_refund": ("freelancer", "ended", {"requested"}),              # row 4
    "pay_in_full": ("client", "ended", CONTESTED | {"requested"}),         # row 5
    "accept_dispute": ("client", "ended", CONTESTED),                      # row 6
    "decline_dispute": ("client", "ended", {"disputed"}),                  # row 8
    "withdraw_dispute": ("freelancer", "ended", CONTESTED),                # row 9
    "propose_resolution": ("mediator", "ended", {"in_review"}),            # row 10
    "accept_resolution": ("parties", "ended", {"proposed"}),               # rows 12, 13
    "reject_resolution": ("parties", "ended", {"proposed"}),               # row 14
    "join_arbitration": ("parties", "ended", {"unresolved"}),              # rows 16, 17
    "record_award": ("arbitrator", "ended", {"in_arbitration"}),           # row 20
    "offer_settlement": ("parties", "ended", OPEN),                        # rows 21, 23
    "withdraw_settlement_offer": ("parties", "ended", OPEN),               # row 23
    "accept_settlement": ("parties", "ended", OPEN),                       # row 21
    "assign_case": ("operator", "ended", OPEN),                            # row 24
    "place_hold": ("operator", None, None),
    "lift_hold": ("operator", None, None),
    "extend_deadline": ("operator", "ended", OPEN),                        # row 24
    "report_reversal": ("operator", None, None),                           # row 25
    "report_refund_payment": ("operator", None, None),
    "retry_refund_payment": ("operator", None, None),
}

# Parties and deciders wait for a hold to be lifted, and nobody pays meanwhile.
STOPPED = {verb for verb, rule in RULES.items() if rule[0] != "operator"} | {"retry_refund_payment"}
MOST_HOLDS = 100

# The window of each state is a setting of the policy (process, section 11).
WINDOW = {"requested": "refund_response", "disputed": "dispute_response",
          "in_review": "resolution_limit", "proposed": "resolution_response",
          "unresolved": "arbitration_window", "in_arbitration": "award_limit"}
TARGET = {"in_review": "resolution_target", "in_arbitration": "award_target"}


# ---- the rows ----

class Row:
    def __init__(self, **fields):
        self.__dict__.update(fields)


def new_contract(**fields):
    return Row(
        state="active", milestones={}, deposits=[], payments=[], keys={},
        request=None, outcome=None, at_stake=None, disputed=None, proposed=None,
        to_freelancer=None, to_client=None, due_at=None, target_at=None, settled_at=None, effective_at=None,
        expired_from=None,              # the state that silence led away from, if it led here
        accepted=set(), joined=[], fees=[], fee_held=0, in_transit=0, receivable=0,
        holds=[], standing_holds=set(), held_at=None, extensions=0,
        reversals={},                   # by the provider's reference
        mediator=None, arbitrator=None,
        offers=[], standing={},         # all offers as (side, to_freelancer); side: number
        **fields)


def party_of(c, actor):
    """client, freelancer (the agency included), or None."""
    if actor == c.client:
        return "client"
    return "freelancer" if actor in (c.freelancer, c.agency) else None


def held(c):
    return sum(d.held for d in c.deposits)


def next_due(c):
    """(when, which milestone) the clock acts next; a hold stops it.  No milestone: the request's window."""
    windows = [(m.review_due, n) for n, m in c.milestones.items() if m.review_due is not None]
    if c.due_at is not None:
        windows.append((c.due_at, 0))
    return (None, None) if c.standing_holds or not windows else min(windows)


class Market:
    def __init__(self, now, clock):
        self.now = now
        self.clock = clock
        self.calendars = {"default": Calendar()}
        self.policies = {"standard": STANDARD}
        self.contracts = {}
        self.entered = []               # states and outcomes that requests have come to

    def add_policy(self, name, **settings):
        self.policies[name] = dict(STANDARD, **settings)

    def deadline(self, c, setting, opened=None):
        return self.count(c, opened or self.now, self.policies[c.policy][setting])

    def count(self, c, opened, limit):
        policy = self.policies[c.policy]
        return deadline(opened, limit, policy["zone"], self.calendars[policy["calendar"]])

    def resume(self, c, due, setting):
        policy = self.policies[c.policy]
        return resume(due, c.held_at, self.now, policy[setting], policy["zone"], self.calendars[policy["calendar"]])

    # ---- one call ----

    def call(self, verb, contract_id, actor, args):
        args = complete(verb, args)
        entered = len(self.entered)
        try:
            refuse_if(contract_id is None, "22004")
            check_form(verb, actor, args)
            if verb == "create_contract":
                self.create_contract(contract_id, **args)
            else:
                self.act(verb, contract_id, actor, args)
            return "ok"
        except (Refused, Replay) as e:
            # a transaction that raises rolls back, with the expiries it applied
            del self.entered[entered:]
            return str(e) if isinstance(e, Refused) else "RF000"

    def act(self, verb, contract_id, actor, args):
        """The order of refusals: RF014, replay or RF007, expiries, RF008, RF009, RF011, RF002, RF005, RF001, the rest."""
        who, needs, states = RULES[verb]
        original = self.contracts.get(contract_id)
        refuse_if(original is None, "RF014")
        c = pickle.loads(pickle.dumps(original))
        side = party_of(c, actor)
        # to a stranger the contract does not exist
        refuse_if(who in ("client", "freelancer", "parties") and side is None, "RF014")
        for name in ("milestone_no", "from_milestone", "to_milestone"):
            refuse_if(verb != "add_milestone" and name in args and args[name] not in c.milestones, "RF014")
        for name, rows in (("payment_no", c.payments), ("deposit_no", c.deposits), ("hold_no", c.holds)):
            refuse_if(name in args and args[name] > len(rows), "RF014")

        self.look_for_replay(c, verb, actor, side, args)
        self.expire(c)

        refuse_if(c.standing_holds and verb in STOPPED, "RF008")
        refuse_if(needs and c.state != needs, "RF009")
        if who in ("mediator", "arbitrator"):
            refuse_if(side is not None or getattr(c, who) not in (None, actor), "RF011")
        if verb == "assign_case":
            refuse_if(party_of(c, args["decider"]) is not None, "RF011")
        refuse_if(who in ("client", "freelancer") and side != who, "RF002")
        refuse_if(who == "operator" and side is not None, "RF002")
        if states and c.request not in states:
            # late: only the state that silence ended knew the event
            raise Refused("RF005" if c.expired_from in states else "RF001")

        key = args.pop("idempotency_key", None)
        arguments = tuple(args.items())
        getattr(self, verb)(c, actor, side, **args)
        if key is not None:
            c.keys[actor, key] = (verb, arguments)
        self.contracts[contract_id] = c

    def look_for_replay(self, c, verb, actor, side, args):
        """Keys, and provider references that count as keys: scope (contract, actor, key)."""
        args = dict(args)
        key = args.pop("idempotency_key", None)
        if (actor, key) in c.keys:
            if c.keys[actor, key] == (verb, tuple(args.items())):
                raise Replay
            raise Refused("RF007")
        ref = args.get("provider_ref")
        if verb == "report_refund_payment":
            for n, p in enumerate(c.payments, 1):
                refuse_if(ref is not None and n != args["payment_no"] and ref in p.seen, "RF007")
            if side is None:                    # a party reports nothing: RF002
                self.look_for_report(c.payments[args["payment_no"] - 1], args["state"], ref)
        elif verb == "report_reversal":
            r = c.reversals.get(ref)
            refuse_if(r and (r.deposit_no, r.kind) != (args["deposit_no"], args["kind"]), "RF007")
            if r and side is None and args["state"] in ("opened", r.state):
                raise Replay
        elif ref is None:
            return
        elif verb == "fund" and side == "client":
            for d in c.deposits:
                if d.provider_ref == ref:
                    same = (d.milestone_no, d.amount, d.source, c.currency) == (
                        args["milestone_no"], args["amount"].minor, args["source"], args["amount"].currency)
                    raise Replay if same else Refused("RF007")
        elif verb == "join_arbitration":
            for fee in c.fees:
                if fee.provider_ref == ref:
                    raise Replay if (fee.actor, fee.source) == (actor, args["fee_source"]) else Refused("RF007")

    # ---- amounts ----

    @staticmethod
    def minor(c, amount, least, most):
        """RF003, then RF004 outside least..most."""
        refuse_if(amount.currency != c.currency, "RF003")
        refuse_if(not least <= amount.minor <= most, "RF004")
        return amount.minor

    @staticmethod
    def check_statement(text, evidence="[]"):
        refuse_if(not text.strip(), "RF010")
        refuse_if(evidence != "[]", "RF010")

    # ---- money (process, section 6) ----

    @staticmethod
    def take(parts, amount, to):
        """Consume parts in their order; how much of each, as (part, amount)."""
        taken = []
        for part in parts:
            share = min(part.held, amount)
            if share:
                part.held -= share
                setattr(part, to, getattr(part, to) + share)
                amount -= share
                taken.append((part, share))
        assert amount == 0
        return taken

    def leave(self, c, amount, to, milestone_no=None):
        """Money leaves escrow: deposits FIFO over the whole contract, milestones by number unless one is named."""
        in_order = [c.milestones[n] for n in sorted(c.milestones)]
        return (self.take(in_order if milestone_no is None else [c.milestones[milestone_no]], amount, to),
                self.take(c.deposits, amount, to))

    def release(self, c, amount, milestone_no=None):
        """Each milestone remembers what it paid, when, and of which deposit: give_refund may want it back."""
        milestones, deposits = self.leave(c, amount, "released", milestone_no)
        deposits = [list(pair) for pair in deposits]
        for m, left in milestones:
            m.review_due, m.expired = None, False
            while left:
                deposit, there = deposits[0]
                share = min(left, there)
                m.paid.append(Row(at=self.now, deposit_no=deposit.number, left=share))
                left -= share
                deposits[0][1] -= share
                if not deposits[0][1]:
                    del deposits[0]

    def refund(self, c, amount, purpose):
        """Back to the deposits that still hold money, one payment each."""
        for deposit, share in self.leave(c, amount, "refunded")[1]:
            self.pay_back(c, share, purpose, deposit.source, deposit.number)

    def pay_back(self, c, amount, purpose, source, deposit_no=None):
        c.in_transit += amount
        c.payments.append(Row(
            amount=amount, purpose=purpose, source=source, deposit_no=deposit_no, state="pending",
            ref=None, seen={}, paid=[], expected_by=self.deadline(c, "refund_credit")))

    # ---- contract and escrow (section 3) ----

    def create_contract(self, contract_id, idempotency_key, **args):
        refuse_if(args["policy"] not in self.policies, "RF014")
        refuse_if(args["test_clock"] not in (None, self.clock), "RF014")
        before = self.contracts.get(contract_id)
        if before and (None, idempotency_key) in before.keys:
            if before.keys[None, idempotency_key] == ("create_contract", tuple(args.items())):
                raise Replay
            raise Refused("RF007")
        refuse_if(args["client"] in (args["freelancer"], args["agency"]), "RF011")
        refuse_if(before is not None, "23505")
        c = new_contract(**args)
        if idempotency_key is not None:
            c.keys[None, idempotency_key] = ("create_contract", tuple(args.items()))
        self.contracts[contract_id] = c

    def add_milestone(self, c, actor, side, milestone_no, title, price):
        price = self.minor(c, price, 1, float("inf"))
        refuse_if(milestone_no in c.milestones, "23505")
        c.milestones[milestone_no] = Row(room=price, held=0, released=0, refunded=0, reversed=0, paid=[],
                                         review_due=None, expired=False)

    def fund(self, c, actor, side, milestone_no, amount, source, provider_ref):
        refuse_if(c.kind == "hourly", "RF006")
        m = c.milestones[milestone_no]
        amount = self.minor(c, amount, 1, m.room if c.state == "active" else float("inf"))
        d = Row(number=len(c.deposits) + 1, amount=amount, source=source, provider_ref=provider_ref,
                milestone_no=milestone_no, held=amount, released=0, refunded=0, reversed=0, lost=0)
        c.deposits.append(d)
        if c.state == "active":
            m.room -= amount
            m.held += amount
        else:                           # late: straight back, never part of the stake
            d.held, d.refunded = 0, amount
            m.refunded += amount
            self.pay_back(c, amount, "late_deposit", source, d.number)

    def submit_work(self, c, actor, side, milestone_no, message):
        m = c.milestones[milestone_no]
        refuse_if(m.review_due is not None, "RF001")
        refuse_if(m.held == 0, "RF004")
        refuse_if(message is not None and not message.strip(), "RF010")
        m.review_due, m.expired = self.deadline(c, "review_window"), False

    def request_changes(self, c, actor, side, milestone_no, message):
        m = c.milestones[milestone_no]
        refuse_if(m.review_due is None, "RF005" if m.expired else "RF001")
        self.check_statement(message)
        m.review_due = None

    def release_payment(self, c, actor, side, milestone_no, amount):
        self.release(c, self.minor(c, amount, 1, c.milestones[milestone_no].held), milestone_no)

    def release_milestone(self, c, actor, side, milestone_no):
        refuse_if(c.milestones[milestone_no].held == 0, "RF004")
        self.release(c, c.milestones[milestone_no].held, milestone_no)

    def move_leftover(self, c, actor, side, from_milestone, to_milestone, amount):
        refuse_if(from_milestone == to_milestone, "22023")
        a, b = c.milestones[from_milestone], c.milestones[to_milestone]
        amount = self.minor(c, amount, 1, min(a.held, b.room))
        a.held, a.room = a.held - amount, a.room + amount
        b.held, b.room = b.held + amount, b.room - amount
        a.review_due, a.expired = None, False

    def end_contract(self, c, actor, side, final_payment):
        refuse_if(c.kind == "hourly", "RF006")
        most = held(c) if side == "client" else 0
        payment = 0 if final_payment is None else self.minor(c, final_payment, 0, most)
        c.state = "ended"
        for m in c.milestones.values():
            m.review_due = None
        self.release(c, payment)
        if side == "freelancer":
            self.refund(c, held(c), "freelancer_ended")
        elif held(c):                   # row 1
            c.at_stake = held(c)
            self.enter(c, "requested")

    def give_refund(self, c, actor, side, milestone_no, amount):
        """Section 8: the latest released first, while the window of each release is open."""
        m = c.milestones[milestone_no]
        amount = self.minor(c, amount, 1, m.released)
        young = [r for r in m.paid if self.now < self.deadline(c, "post_release_refund", r.at)]
        refuse_if(amount > sum(r.left for r in young), "RF018")
        back = {}
        for r in reversed(young):
            share = min(r.left, amount)
            if share:
                r.left, amount = r.left - share, amount - share
                back[r.deposit_no] = back.get(r.deposit_no, 0) + share
        for deposit_no, share in back.items():
            d = c.deposits[deposit_no - 1]
            for row in (m, d):
                row.released, row.refunded = row.released - share, row.refunded + share
            self.pay_back(c, share, "given_refund", d.source, deposit_no)

    # ---- the refund request (section 4) ----

    def enter(self, c, state, expired_from=None):
        """Another state: its window opens when it is recorded, standing offers lapse."""
        c.request, c.expired_from, c.standing = state, expired_from, {}
        c.due_at = self.deadline(c, WINDOW[state]) if state in WINDOW else None
        c.target_at = self.deadline(c, TARGET[state]) if state in TARGET else None
        c.extensions = 0
        self.entered.append(state)

    def settle(self, c, outcome, to_freelancer, expired_from=None):
        """The end: the freelancer's part leaves first, then the client's; fees are spent by an award only."""
        c.outcome, c.settled_at = outcome, self.now
        c.effective_at = c.due_at if expired_from else self.now
        c.to_freelancer, c.to_client = to_freelancer, c.at_stake - to_freelancer
        self.release(c, c.to_freelancer)
        self.refund(c, c.to_client, "settlement")
        if outcome != "arbitration_award":
            for fee in sorted(c.fees, key=lambda fee: party_of(c, fee.actor)):      # the client's first
                self.pay_back(c, fee.amount, "arbitration_fee", fee.source)
        c.fee_held = 0
        self.enter(c, "settled", expired_from)
        self.entered.append(outcome)

    def expire(self, c):
        """Silence: what is due is applied, in effect at the deadline, recorded now."""
        while True:
            due_at, milestone_no = next_due(c)
            if due_at is None or due_at > self.now:
                return
            before = c.request
            if milestone_no:                                                # a review
                self.release(c, c.milestones[milestone_no].held, milestone_no)
                c.milestones[milestone_no].expired = True
            elif before == "requested":                                       # row 3
                self.settle(c, "approved_by_silence", 0, before)
            elif before == "disputed":                                      # row 7
                self.settle(c, "conceded_by_silence", c.disputed, before)
            elif before in ("in_review", "proposed"):                       # rows 11, 15
                self.enter(c, "unresolved", before)
            elif before == "unresolved" and not c.joined:                   # row 18
                self.settle(c, "arbitration_waived", 0, before)
            elif before == "unresolved":                                    # row 19
                self.settle(c, "arbitration_default", c.disputed if c.joined == ["freelancer"] else 0, before)
            else:                                                           # row 22
                self.settle(c, "arbitration_lapsed", c.proposed or 0, before)

    def approve_refund(self, c, actor, side):
        self.settle(c, "approved", 0)

    def dispute_refund(self, c, actor, side, amount, reason, evidence):
        c.disputed = self.minor(c, amount, 1, c.at_stake)
        self.check_statement(reason, evidence)
        self.enter(c, "disputed")

    def accept_dispute(self, c, actor, side):
        self.settle(c, "conceded", c.disputed)

    def decline_dispute(self, c, actor, side, statement, evidence):
        self.check_statement(statement, evidence)
        self.enter(c, "in_review")

    def pay_in_full(self, c, actor, side):
        self.settle(c, "paid_in_full", c.at_stake)

    def withdraw_dispute(self, c, actor, side):
        self.settle(c, "dispute_withdrawn", 0)

    def propose_resolution(self, c, actor, side, to_freelancer, rationale):
        c.proposed = self.minor(c, to_freelancer, 0, c.disputed)
        self.check_statement(rationale)
        c.mediator = actor
        self.enter(c, "proposed")

    def accept_resolution(self, c, actor, side):
        refuse_if(side in c.accepted, "RF001")
        c.accepted.add(side)
        if len(c.accepted) == 2:
            self.settle(c, "resolution_accepted", c.proposed)

    def reject_resolution(self, c, actor, side, reason):
        refuse_if(side in c.accepted, "RF001")
        refuse_if(reason is not None and not reason.strip(), "RF010")
        self.enter(c, "unresolved")

    def join_arbitration(self, c, actor, side, fee_source, provider_ref):
        refuse_if(side in c.joined, "RF001")
        for fee in self.policies[c.policy]["arbitration_fee"]:
            number, currency = fee.split()
            if currency == c.currency:
                refuse_if(fee_source is None, "22004")
                amount = int(number.replace(".", ""))
                c.fees.append(Row(amount=amount, source=fee_source, provider_ref=provider_ref, actor=actor))
                c.fee_held += amount
        c.joined.append(side)
        if len(c.joined) == 2:
            self.enter(c, "in_arbitration")

    def record_award(self, c, actor, side, to_freelancer, rationale):
        to_freelancer = self.minor(c, to_freelancer, 0, c.disputed)
        self.check_statement(rationale)
        c.arbitrator = actor
        self.settle(c, "arbitration_award", to_freelancer)

    def offer_settlement(self, c, actor, side, to_freelancer):
        to_freelancer = self.minor(c, to_freelancer, 0, c.at_stake)
        c.offers.append((side, to_freelancer))
        c.standing[side] = len(c.offers)
        other = c.standing.get("freelancer" if side == "client" else "client")
        if other and c.offers[other - 1][1] == to_freelancer:       # crossing equal offers
            self.settle(c, "mutual_settlement", to_freelancer)

    def withdraw_settlement_offer(self, c, actor, side):
        refuse_if(side not in c.standing, "RF014")
        del c.standing[side]

    def accept_settlement(self, c, actor, side, offer_no):
        refuse_if(offer_no > len(c.offers), "RF014")
        maker, to_freelancer = c.offers[offer_no - 1]
        refuse_if(c.standing.get(maker) != offer_no, "RF017")
        refuse_if(maker == side, "RF002")
        self.settle(c, "mutual_settlement", to_freelancer)

    def assign_case(self, c, actor, side, decider):
        if c.request in ("requested", "disputed", "in_review"):
            c.mediator = decider
        else:
            c.arbitrator = decider

    # ---- holds, extensions, reversals (sections 5 and 6) ----

    def place_hold(self, c, actor, side, kind, reason):
        refuse_if(len(c.standing_holds) == MOST_HOLDS, "RF018")
        self.check_statement(reason)
        self.hold(c, kind)

    def hold(self, c, kind):
        refuse_if(len(c.standing_holds) == MOST_HOLDS, "RF018")
        if not c.standing_holds:
            c.held_at = self.now
        c.holds.append(kind)
        c.standing_holds.add(len(c.holds))

    def lift_hold(self, c, actor, side, hold_no, reason):
        refuse_if(hold_no not in c.standing_holds, "RF001")
        self.check_statement(reason)
        self.lift(c, hold_no)

    def lift(self, c, hold_no):
        """The last one lets the windows go on with what was left of them."""
        c.standing_holds.discard(hold_no)
        if c.standing_holds or c.held_at is None:
            return
        for m in c.milestones.values():
            if m.review_due is not None:
                m.review_due = self.resume(c, m.review_due, "review_window")
        if c.due_at is not None:
            c.due_at = self.resume(c, c.due_at, WINDOW[c.request])
        if c.target_at is not None and c.target_at > c.held_at:
            c.target_at = self.resume(c, c.target_at, TARGET[c.request])
        c.held_at = None

    def extend_deadline(self, c, actor, side, extension, reason):
        policy = self.policies[c.policy]
        extended = self.count(c, c.due_at, extension)
        refuse_if(c.extensions >= policy["max_extensions"], "RF018")
        refuse_if(extended > self.count(c, c.due_at, policy["max_extension"]), "RF018")
        self.check_statement(reason)
        c.due_at = extended
        c.extensions += 1

    def report_reversal(self, c, actor, side, deposit_no, kind, state, amount, provider_ref):
        d, r = c.deposits[deposit_no - 1], c.reversals.get(provider_ref)
        refuse_if(state == "won" if r is None else r.state != "opened", "RF001")
        amount = self.minor(c, amount, 1, d.amount - d.lost)
        if r is None:
            r = c.reversals[provider_ref] = Row(deposit_no=deposit_no, kind=kind, hold_no=None)
        r.state = state
        if state == "opened":
            self.hold(c, "chargeback")
            r.hold_no = len(c.holds)
            return
        self.lift(c, r.hold_no)
        if state == "lost":
            self.lose(c, d, amount)

    def lose(self, c, d, amount):
        """What the deposit still holds leaves escrow, of the milestone that it funded first; the client owes the rest."""
        before = held(c)
        share = self.take([d], min(amount, d.held), "reversed")
        d.lost += amount
        first = c.milestones[d.milestone_no]
        milestones = [first] + [c.milestones[n] for n in sorted(c.milestones) if n != d.milestone_no]
        for m, part in self.take(milestones, sum(n for _, n in share), "reversed"):
            m.room += part
            if not m.held:
                m.review_due = None
        c.receivable += amount - (before - held(c))
        if c.request in OPEN and held(c) < before:
            c.at_stake, c.standing = held(c), {}
            if c.disputed is not None:
                c.disputed = min(c.disputed, c.at_stake)
            if c.proposed is not None:
                c.proposed = min(c.proposed, c.disputed)
            if c.at_stake == 0:
                self.settle(c, "exhausted", 0)

    # ---- refund payments: an attempt is known by its reference ----

    @staticmethod
    def awaits(p, ref):
        """Is this the attempt that the payment is waiting for?  A pending one waits for a new one."""
        return (p.state == "pending" and not p.seen.get(ref)) or (p.state == "submitted" and p.ref == ref)

    def look_for_report(self, p, state, ref):
        """A report told twice, or one that comes too late to change anything, is a replay."""
        seen = p.seen.get(ref, set())
        if {"submitted": seen,
                "succeeded": seen & {"succeeded", "bounced"},
                "failed": seen & {"failed", "bounced"} or (
                    seen and "succeeded" not in seen and not self.awaits(p, ref)),
                "bounced": "bounced" in seen,
                "unclaimed": p.state == "unclaimed"}[state]:
            raise Replay

    def report_refund_payment(self, c, actor, side, payment_no, state, provider_ref):
        p = c.payments[payment_no - 1]
        seen = p.seen.setdefault(provider_ref, set())
        if state == "submitted":
            refuse_if(p.state != "pending", "RF001")
        elif state == "succeeded":
            if not p.paid:
                c.in_transit -= p.amount
            p.paid.append(provider_ref)         # a second one: double_paid, nothing else changes
        elif state == "failed":
            refuse_if("succeeded" in seen or not self.awaits(p, provider_ref), "RF001")
        elif state == "bounced":
            if provider_ref in p.paid:
                p.paid.remove(provider_ref)
                if not p.paid:
                    c.in_transit += p.amount
            else:                               # its success is still on its way here
                refuse_if(not self.awaits(p, provider_ref), "RF001")
        else:
            refuse_if(p.state not in ("failed", "bounced"), "RF001")
        seen.add(state)
        p.state, p.ref = ("succeeded", p.paid[0]) if p.paid else (state, provider_ref)
        return None

    def retry_refund_payment(self, c, actor, side, payment_no, destination):
        p = c.payments[payment_no - 1]
        refuse_if(p.state not in ("failed", "bounced")
                  and not (p.state == "unclaimed" and destination is not None), "RF001")
        p.state, p.ref = "pending", None

    # ---- the clock (section 5) ----

    def due(self, contract_id):
        return next_due(self.contracts[contract_id])[0]

    def run_job(self):
        """Apply all that is due now."""
        for contract_id in list(self.contracts):
            due_at = self.due(contract_id)
            if due_at is not None and due_at <= self.now:
                c = pickle.loads(pickle.dumps(self.contracts[contract_id]))
                self.expire(c)
                self.contracts[contract_id] = c

    def advance(self, step, run_job=True):
        """Stops at every due time on the way, unless the job is down."""
        if step < timedelta(0):
            return "22023"
        target = self.now + step
        while run_job:
            self.run_job()
            dues = [due for due in map(self.due, self.contracts) if due is not None and due <= target]
            if not dues:
                break
            self.now = min(dues)
        self.now = target
        return "ok"

    # ---- what one sees of a contract: a line, as simulate asks the database for it ----

    def line(self, contract_id):
        c = self.contracts.get(contract_id)
        if c is None:
            return "none"

        def money(n):
            return "-" if n is None else str(Money(n, c.currency))

        def time(t):
            return "-" if t is None else t.strftime("%Y-%m-%d %H:%M:%S.%f")

        def total(name):
            return money(sum(getattr(d, name) for d in c.deposits))

        said = (c.accepted if c.request == "proposed"
                else c.joined if c.request in ("unresolved", "in_arbitration") else ())
        effective = c.request
        if c.request in OPEN and not c.standing_holds and c.due_at <= self.now:
            effective = "unresolved" if c.request in ("in_review", "proposed") else "settled"
        words = [
            c.state, c.request or "-", effective or "-", c.outcome or "-", "on_hold" if c.standing_holds else "-",
            "stake", money(c.at_stake), "disputed", money(c.disputed), "proposed", money(c.proposed),
            "split", money(c.to_freelancer), money(c.to_client),
            "due", time(c.due_at), "target", time(c.target_at), "settled", time(c.settled_at), "effective", time(c.effective_at),
            "said", "".join(side[0] for side in sorted(said)) or "-",
            "by", c.mediator or "-", c.arbitrator or "-",
            "deposited", total("amount"), "held", total("held"), "released", total("released"),
            "refunded", total("refunded"), "reversed", total("reversed"),
            "in_transit", money(c.in_transit), "fees", money(c.fee_held), "receivable", money(c.receivable)]
        for n in sorted(c.milestones):
            m = c.milestones[n]
            state = "submitted" if m.review_due else "paid" if m.released and not m.held else "open"
            words += [f"m{n}", state, money(m.room if c.state == "active" else None), money(m.held), money(m.released), money(m.refunded), time(m.review_due)]
        for d in c.deposits:
            words += [f"d{d.number}", money(d.amount), money(d.held), money(d.released), money(d.refunded), money(d.reversed)]
        for n, kind in enumerate(c.holds, 1):
            words += [f"h{n}", kind, "stands" if n in c.standing_holds else "lifted"]
        for n, p in enumerate(c.payments, 1):
            words += [f"p{n}", str(p.deposit_no or "-"), p.purpose, p.source, money(p.amount), p.state,
                      time(p.expected_by)]
        return " ".join(words)
