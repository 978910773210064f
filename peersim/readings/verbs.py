"""The words by which a sentence about others is read: who acts, who receives, who only tells."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BE = _words("is are was were be been being am isn't wasn't weren't aren't")
GET = _words("get gets got gotten getting")
AUXILIARY = BE | _words(
    "has have had having hasn't haven't hadn't do does did doesn't don't didn't will would can"
    " could may might shall should must won't wouldn't can't couldn't shouldn't"
)
# May stand between who does something and what they do.
BETWEEN = _words(
    "not never always often rarely seldom sometimes usually mostly almost nearly only just still"
    " also then again once both each all first soon later even ever too simply quite rather more"
    " most less who which that"
)
# Past forms without -ed; those in PARTICIPLES follow "was" too.
_SAME = _words(
    "let left sent kept paid spent told lent met made held put cut hurt bid bought sold built fed"
    " hid led lost misled set sought spared stood taught undercut withheld won repaid"
)
_PAST = _SAME | _words(
    "gave took broke stole went did lied chose became began came fell forgave grew ran rose saw"
    " shook spoke swore threw undid understood wrote knew felt thought found said bore drew"
)
PARTICIPLES = _SAME | _words(
    "given taken broken stolen done chosen forgiven shaken spoken thrown undone written known shown"
    " seen found thought"
)
_BASE = _words(
    "give take keep send share return help cooperate defect betray pay hold withhold split offer"
    " contribute reward punish credit blame break lie pass put leave let make spend stay choose"
)
# Whoever gets something has it done to them by somebody else.
RECEIVING = GET | _words(
    "received receives receive receiving obtained obtains obtain accepted accepts collected"
    " collects benefited benefits benefitted profited profits suffered suffers enjoyed enjoys"
    " gained gains earned earns"
)
# Of these the one who gets it is certain without a giver's name.
GETTING = _words("received receives receive receiving obtained obtains obtain")
# Those who notice, say or trust do nothing to anyone by it.
TELLING = _words(
    "noticed notices notice saw sees see learned learnt learns remembered remembers remember"
    " recalled recalls recall believed believes believe felt feels feel knew knows know thought"
    " thinks think found finds realised realized concluded concludes observed observes"
    " expected expects hoped hopes wanted wants said says reported reports noted notes suspected"
    " understood feared trusted trusts trust liked likes complained complains"
    " claimed claims wondered"
)
# What is done to another and leaves a trace in the acts.
DEEDS = _words(
    "gave give gives given giving sent send sends sending shared share shares sharing returned"
    " returns return kept keep keeps keeping withheld withholds took takes take taken helped helps"
    " help contributed contributes cheated cheats betrayed betrays stole steals stolen credited"
    " credits blamed blames deducted deducts rewarded rewards punished punishes paid pays repaid"
    " repays cooperated cooperates defected defects pocketed pockets lied lies spared harvested"
    " donated broke breaks exploited exploits robbed reciprocated"
)
_NO_VERBS = _words(
    "as this its his less towards besides us thus perhaps unless across plus rounds points times"
    " hundred red need indeed"
)


def verb_like(word: str) -> bool:
    """Return whether a word after a name can be what is done."""
    if word in AUXILIARY or word in _PAST or word in GET or word in _BASE or word in TELLING:
        return True
    return len(word) > 3 and word.endswith(("ed", "s")) and word not in _NO_VERBS


def participle_like(word: str) -> bool:
    """Return whether a word after "was" can be what was done to someone."""
    return word in PARTICIPLES or (len(word) > 4 and word.endswith("ed"))


def between(word: str) -> bool:
    """Return whether a word may stand between a name and its verb."""
    return word in BETWEEN or (len(word) > 4 and word.endswith("ly"))
