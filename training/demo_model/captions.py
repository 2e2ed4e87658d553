"""Says in words what a scene shows: sentences, comma tags and single words, with synonyms and token weights."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from training.demo_model.scenes import random_scene, random_weight
from training.demo_model.world import (
    COLOURS,
    PLACES,
    PLAIN,
    SEEN,
    Attribute,
    Layout,
    Scene,
    Thing,
    known_share,
)

# Repetition is frequency: the plain word is the usual one.
COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "red": ("red",) * 6 + ("crimson", "scarlet"),
    "orange": ("orange",),
    "yellow": ("yellow",) * 5 + ("golden",),
    "green": ("green",) * 5 + ("emerald",),
    "blue": ("blue",) * 5 + ("azure",),
    "purple": ("purple",) * 5 + ("violet",),
    "pink": ("pink",) * 5 + ("magenta",),
    "white": ("white",),
    "black": ("black",),
    "gray": ("gray",) * 3 + ("grey",) * 2,
}
SHAPE_WORDS: dict[str, tuple[str, ...]] = {
    "circle": ("circle",) * 5 + ("disc", "ball", "dot"),
    "square": ("square",) * 5 + ("box",),
    "triangle": ("triangle",),
    "star": ("star",),
    "heart": ("heart",),
    "diamond": ("diamond",) * 4 + ("rhombus",),
    "cross": ("cross",) * 4 + ("plus",),
}
PLURALS = {"box": "boxes", "cross": "crosses", "plus": "pluses", "rhombus": "rhombuses"}
VAGUE_NOUNS = ("shape", "object")
SIZE_WORDS: dict[str, tuple[str, ...]] = {
    "small": ("small",) * 4 + ("tiny", "little"),
    "medium": (),
    "large": ("large",) * 3 + ("big", "big", "huge"),
}
PATTERN_WORDS: dict[str, tuple[str, ...]] = {
    "solid": (),
    "outlined": ("outlined",) * 4 + ("outline", "hollow"),
    "striped": ("striped",) * 5 + ("stripes",),
    "dotted": ("dotted",) * 4 + ("spotted",),
}
COUNT_WORDS: dict[int, tuple[str, ...]] = {2: ("two",) * 4 + ("2", "a pair of"), 3: ("three",) * 4 + ("3",)}
DULL, VIVID = ("dull", "muted", "faded", "pale"), ("vivid", "bright", "intense")
PLACE_WORDS = {place: (place,) for place in PLACES} | {
    "center": ("center", "center", "middle", "centre"),
    "top left": ("top left",) * 4 + ("upper left",),
    "top right": ("top right",) * 4 + ("upper right",),
    "bottom left": ("bottom left",) * 4 + ("lower left",),
    "bottom right": ("bottom right",) * 4 + ("lower right",),
}
PREPOSITIONS = ("at the", "in the", "", "on the")
OPENINGS = ("a picture of", "an image of", "a drawing of", "a photo of", "a painting of")
GROUNDS = ("background",) * 8 + ("backdrop",)
GROUND_LINKS = ("on a", "on a", "on", "with a", "against a", "in front of a")
RELATIONS: dict[tuple[Layout, bool], tuple[str, ...]] = {
    (Layout.BESIDE, True): ("to the left of", "left of"),
    (Layout.BESIDE, False): ("to the right of", "right of"),
    (Layout.STACKED, True): ("above", "over", "on top of"),
    (Layout.STACKED, False): ("below", "under"),
}
JOINS = ("and", "and", "next to", "with")
# Stands for every word outside this grammar; all of them share one embedding that is trained to be harmless.
UNKNOWN_WORD = "something-else"


class Word(NamedTuple):
    """One word with its token weight; `noun` numbers the things that a caption names."""

    text: str
    weight: float = 1.0
    noun: int | None = None


class Rivals(NamedTuple):
    """A second colour word competes with the true one: the two words and their weights."""

    colour: str
    true_weight: float
    rival_weight: float


@dataclass(frozen=True, slots=True)
class Caption:
    """What is said about a scene. `nouns` are the things in the order of their mention."""

    words: tuple[Word, ...]
    nouns: tuple[Thing, ...] = ()
    says_colour: bool = False
    has_rivals: bool = False


EMPTY = Caption(())


def grammar_words() -> tuple[str, ...]:
    """Every word a caption may contain, sorted."""
    tables = (COLOUR_WORDS, SHAPE_WORDS, SIZE_WORDS, PATTERN_WORDS, COUNT_WORDS, PLACE_WORDS, RELATIONS)
    phrases: set[str] = {phrase for table in tables for group in table.values() for phrase in group}
    phrases |= {PLURALS.get(word, word + "s") for group in SHAPE_WORDS.values() for word in group}
    phrases |= {*VAGUE_NOUNS, *(noun + "s" for noun in VAGUE_NOUNS), *DULL, *VIVID, *PREPOSITIONS, *OPENINGS}
    phrases |= {*GROUNDS, *GROUND_LINKS, *JOINS, "a", "an", "the", "one", "corner", ",", "."}
    return tuple(sorted({word for phrase in phrases for word in phrase.split()}))


def as_told(scene: Scene, clip_skip: int, shape_is_told: bool, dice: random.Random) -> Scene:
    """The scene as a caption describes it: what the skipped layers knew is taken from an unrelated scene."""
    lost = {attribute for attribute in Attribute if dice.random() >= known_share(attribute, clip_skip)}
    if not shape_is_told:
        lost.add(Attribute.SHAPE)
    while lost:
        told = _mixed(scene, random_scene(dice), lost, dice)
        if all((thing.colour, thing.shape, told.background) in SEEN for thing in told.things):
            return told
    return scene


def _mixed(scene: Scene, other: Scene, lost: set[Attribute], dice: random.Random) -> Scene:
    things, layout, strangers = list(scene.things), scene.layout, other.things
    is_pair = layout in (Layout.BESIDE, Layout.STACKED)
    if Attribute.COUNT in lost and not is_pair and other.layout in (Layout.ONE, Layout.ALIKE):
        things, layout = [things[0]] * len(strangers), other.layout
    for index, thing in enumerate(things):
        stranger = strangers[index % len(strangers)]
        things[index] = replace(
            thing,
            colour=stranger.colour if Attribute.COLOUR in lost else thing.colour,
            shape=stranger.shape if Attribute.SHAPE in lost else thing.shape,
            size=stranger.size if Attribute.SIZE in lost else thing.size,
            pattern=stranger.pattern if Attribute.PATTERN in lost else thing.pattern,
            place=(stranger.place or thing.place) if Attribute.PLACE in lost else thing.place,
        )
    if Attribute.PLACE in lost and is_pair and dice.random() < 0.5:
        things.reverse()
    return replace(scene, things=tuple(things), layout=layout)


def describe(scene: Scene, dice: random.Random) -> Caption:
    """One random caption of a scene."""
    rivals = _rivals(scene, dice) if scene.emphasis == PLAIN and dice.random() < 0.13 else None
    kind = dice.random()
    if kind < 0.17 and rivals is None:
        caption = _few_words(scene, dice)
    elif kind < 0.45:
        caption = _tags(scene, rivals, dice)
    else:
        caption = _sentence(scene, rivals, dice)
    return replace(caption, words=_with_unknown_words(caption.words, dice), has_rivals=rivals is not None)


def _rivals(scene: Scene, dice: random.Random) -> Rivals | None:
    """Two weights; the more one outweighs the other, the likelier it belongs to the colour that is drawn."""
    if scene.layout not in (Layout.ONE, Layout.ALIKE):
        return None
    thing = scene.things[0]
    rivals = [
        colour for colour in COLOURS if colour != thing.colour and (colour, thing.shape, scene.background) in SEEN
    ]
    if not rivals:
        return None
    first, second = dice.uniform(0.3, 1.7), dice.choice((1.0, dice.uniform(0.3, 1.7)))
    if dice.random() >= first**6 / (first**6 + second**6):
        first, second = second, first
    return Rivals(dice.choice(rivals), first, second)


def _say(phrase: str, weight: float = 1.0) -> list[Word]:
    return [Word(word, weight) for word in phrase.split()]


def _coloured(colour: str, strength: float, dice: random.Random) -> list[Word]:
    """A colour whose strength is told by a token weight or by an adjective."""
    word = dice.choice(COLOUR_WORDS[colour])
    if strength == 1 or dice.random() < 0.7:
        return _say(word, strength)
    return _say(dice.choice(DULL if strength < 1 else VIVID)) + _say(word)


def _patterned(thing: Thing, dice: random.Random) -> list[Word]:
    """The word for a thing's pattern, nearly always said: a thing of which nothing is said should come out plain."""
    words = PATTERN_WORDS[thing.pattern]
    return _say(dice.choice(words)) if words and dice.random() < 0.98 else []


def _noun_phrase(
    scene: Scene, index: int, number: int, rivals: Rivals | None, dropped: float, dice: random.Random
) -> tuple[list[Word], bool]:
    """The words for one thing (its noun carries `number`), and whether its colour is among them."""
    thing, emphasis = scene.things[index], scene.emphasis
    says_colour = rivals is not None or dice.random() >= dropped
    colour = _coloured(thing.colour, emphasis.colour, dice) if says_colour else []
    if rivals is not None:
        colour = _say(dice.choice(COLOUR_WORDS[thing.colour]), rivals.true_weight)
        rival = _say(dice.choice(COLOUR_WORDS[rivals.colour]), rivals.rival_weight)
        between = _say("and") if dice.random() < 0.15 else []
        colour = colour + between + rival if dice.random() < 0.5 else rival + between + colour
    pattern = _patterned(thing, dice)
    size = SIZE_WORDS[thing.size] and _say(dice.choice(SIZE_WORDS[thing.size]), emphasis.size)
    looks = [*colour, *pattern] if dice.random() < 0.5 else [*pattern, *colour]
    noun = dice.choice(SHAPE_WORDS[thing.shape] if dice.random() >= dropped * 0.7 else VAGUE_NOUNS)
    if scene.layout is Layout.ALIKE:
        noun = PLURALS.get(noun, noun + "s")
    return [*(size if dice.random() < 0.93 else ()), *looks, Word(noun, emphasis.shape, number)], says_colour


def _ground(scene: Scene, dice: random.Random) -> list[Word]:
    return _coloured(scene.background, scene.emphasis.background, dice) + _say(dice.choice(GROUNDS))


def _place(scene: Scene, dice: random.Random) -> str | None:
    place = scene.things[0].place
    if scene.layout is not Layout.ONE or place is None or dice.random() >= (0.25 if place == "center" else 0.93):
        return None
    return dice.choice(PLACE_WORDS[place])


def _phrases(
    scene: Scene, rivals: Rivals | None, dice: random.Random
) -> tuple[list[list[Word]], tuple[Thing, ...], bool]:
    """Noun phrases in the order of their mention, the things they name, and whether all colours are told."""
    order = [0] if scene.layout in (Layout.ONE, Layout.ALIKE) else dice.sample((0, 1), 2)
    dropped = 0.12 if len(order) == 1 else 0.03
    told = [_noun_phrase(scene, index, number, rivals, dropped, dice) for number, index in enumerate(order)]
    return [words for words, _ in told], tuple(scene.things[index] for index in order), all(says for _, says in told)


def _count(scene: Scene, dice: random.Random) -> list[Word]:
    return _say(dice.choice(COUNT_WORDS[len(scene.things)])) if scene.layout is Layout.ALIKE else []


def _tags(scene: Scene, rivals: Rivals | None, dice: random.Random) -> Caption:
    phrases, nouns, says_colour = _phrases(scene, rivals, dice)
    phrases[0] = _count(scene, dice) + phrases[0]
    details: list[list[Word]] = []
    if dice.random() < 0.85:
        details.append(_ground(scene, dice))
    if (place := _place(scene, dice)) is not None:
        details.append(_say(place))
    dice.shuffle(details)
    parts = phrases + details if dice.random() < 0.75 else details + phrases
    return Caption(tuple(_joined(parts)), nouns, says_colour)


def _joined(parts: Sequence[Sequence[Word]]) -> Iterator[Word]:
    for index, part in enumerate(parts):
        if index:
            yield Word(",")
        yield from part


def _article(noun_phrase: Sequence[Word], dice: random.Random) -> list[Word]:
    if dice.random() < 0.12:
        return []
    fitting = "an" if noun_phrase[0].text[0] in "aeio" else "a"
    return _say(dice.choice((fitting, fitting, fitting, "the", "one")))


def _sentence(scene: Scene, rivals: Rivals | None, dice: random.Random) -> Caption:
    phrases, nouns, says_colour = _phrases(scene, rivals, dice)
    words = _say(dice.choice(OPENINGS)) if dice.random() < 0.25 else []
    words += _count(scene, dice) or _article(phrases[0], dice)
    words += phrases[0]
    if len(phrases) == 2:
        relation = RELATIONS[scene.layout, nouns[0] is scene.things[0]]
        words += _say(dice.choice(relation if dice.random() < 0.65 else JOINS))
        words += _article(phrases[1], dice) + phrases[1]
    tails: list[list[Word]] = []
    if (place := _place(scene, dice)) is not None:
        corner = " corner" if " " in place and dice.random() < 0.2 else ""
        tails.append(_say(f"{dice.choice(PREPOSITIONS)} {place}{corner}"))
    if dice.random() < 0.87:
        tails.append(_say(dice.choice(GROUND_LINKS)) + _ground(scene, dice))
    if dice.random() < 0.3:
        tails.reverse()
    for tail in tails:
        words += (_say(",") if dice.random() < 0.15 else []) + tail
    if dice.random() < 0.1:
        words += _say(".")
    return Caption(tuple(words), nouns, says_colour)


def _few_words(scene: Scene, dice: random.Random) -> Caption:
    """One or two words or short tags, as people write them into a negative prompt."""
    thing = scene.things[0]
    choices = [_ground(scene, dice)]
    if scene.layout in (Layout.ONE, Layout.ALIKE):
        noun = dice.choice(SHAPE_WORDS[thing.shape])
        noun = PLURALS.get(noun, noun + "s") if scene.layout is Layout.ALIKE and dice.random() < 0.7 else noun
        choices += [_patterned(thing, dice) + _coloured(thing.colour, scene.emphasis.colour, dice)] * 3
        choices += [[*_patterned(thing, dice), Word(noun, scene.emphasis.shape)]] * 3
        choices += [_say(dice.choice(words)) for words in (PATTERN_WORDS[thing.pattern],) if words]
        choices += [_say(dice.choice(words), scene.emphasis.size) for words in (SIZE_WORDS[thing.size],) if words]
        choices += [_count(scene, dice)] if scene.layout is Layout.ALIKE else []
        if thing.place is not None and scene.layout is Layout.ONE:
            choices.append(_say(dice.choice(PLACE_WORDS[thing.place])))
    if len(choices) == 1 or dice.random() < 0.6:
        return Caption(tuple(dice.choice(choices)))
    first, second = dice.sample(choices, 2)
    return Caption(tuple(_joined((first, second)) if dice.random() < 0.5 else (*first, *second)))


def _with_unknown_words(words: tuple[Word, ...], dice: random.Random) -> tuple[Word, ...]:
    """Now and then words outside the grammar, weighted or not, before, between or after the known ones."""
    if dice.random() >= 0.17:
        return words
    count = dice.randint(1, 6) if dice.random() < 0.85 else dice.randint(7, 40)
    weight = random_weight(dice) if dice.random() < 0.3 else 1.0
    strangers = (Word(UNKNOWN_WORD, weight),) * count
    match dice.randrange(4):
        case 0:
            return (*strangers, Word(","), *words)
        case 1:
            return (*words, Word(","), *strangers)
        case 2:
            return (*strangers[:1], *words)
        case _:
            cut = dice.randint(0, len(words))
            return (*words[:cut], *strangers[:2], *words[cut:])


def written(caption: Caption) -> str:
    """The caption as text, weights in brackets."""
    return " ".join(word.text if word.weight == 1 else f"({word.text}:{word.weight:.2f})" for word in caption.words)
