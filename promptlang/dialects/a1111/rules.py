"""The rules of the stable-diffusion-webui dialect, one row each; the program itself says nothing about any of them."""

from __future__ import annotations

from promptlang.diagnostics import Rule, Severity

_PROGRAM = "stable-diffusion-webui 1.10"

SCHEDULES_DISABLED = Rule(
    name="a1111/schedules-disabled",
    severity=Severity.WARNING,
    summary="one character switches off every schedule of the prompt",
    why="The program parses the whole prompt for schedules and takes the text as it is where that fails. A `|` outside "
    "square brackets fails it, and so does a backslash at the end of a line.",
    example="/render /parser:a1111 a cow | [red:blue:0.5] grass",
    source=f"{_PROGRAM}, `prompt_parser.schedule_parser`; issue 11265",
)
NUMBER_TAKEN_AS_WEIGHT = Rule(
    name="a1111/number-taken-as-weight",
    severity=Severity.WARNING,
    summary="a number at the end of the prompt is taken as the weight of the whole prompt",
    why="The program looks for `: number` at the end of every part between `AND`s, and a prompt without `AND` is one "
    "part. The number leaves the text and multiplies the guidance.",
    example="/render /parser:a1111 a cow, ratio 16:9",
    source=f"{_PROGRAM}, `prompt_parser.re_weight`",
)
BREAK_INSIDE_BRACKETS = Rule(
    name="a1111/break-inside-brackets",
    severity=Severity.WARNING,
    summary="a `BREAK` inside brackets ends no chunk",
    why="`BREAK` is marked by the weight -1. Brackets scale it like any other weight, the mark is lost, and the word "
    "`break` is drawn with a weight below zero.",
    example="/render /parser:a1111 (a cow BREAK a meadow:1.2)",
    source=f"{_PROGRAM}, `prompt_parser.parse_prompt_attention`",
)
NOT_A_WEIGHT = Rule(
    name="a1111/not-a-weight",
    severity=Severity.WARNING,
    summary="digits and points that make no number stand where a weight belongs",
    why="The program finds `1.2.3` or `.` to be a weight, cannot read it as a number and stops with an error. Here it "
    "stays in the text and the group counts 1.1.",
    example="/render /parser:a1111 a (cow:1.2.3)",
    source=f"{_PROGRAM}, `prompt_parser.parse_prompt_attention`",
)
SQUARE_WEIGHT = Rule(
    name="a1111/square-weight",
    severity=Severity.WARNING,
    summary="a number in square brackets is a step, not a weight",
    why="`[cow:1.2]` lets the cow appear after 120 % of the steps, which is never. Weights stand in round brackets.",
    example="/render /parser:a1111 a [cow:1.2]",
    source=f"{_PROGRAM}, `prompt_parser.get_learned_conditioning_prompt_schedules`",
)
NEVER_SWITCHES = Rule(
    name="a1111/never-switches",
    severity=Severity.WARNING,
    summary="a schedule switches before the first step or after the last one",
    why="A number with a point is a fraction of the steps, one without a point is a step: `1.0` is the end, `1` the "
    "first step, and `5e-1` has no point, so it is step 0.",
    example="/render /parser:a1111 a [cow:horse:1.0]",
    source=f"{_PROGRAM}, `prompt_parser.get_learned_conditioning_prompt_schedules`",
)
ESCAPED_COLON = Rule(
    name="a1111/escaped-colon",
    severity=Severity.WARNING,
    summary="a backslash does not keep a colon from starting a weight",
    why="Only brackets and the backslash itself can be escaped in emphasis. Before a colon the backslash is dropped.",
    example=r"/render /parser:a1111 a (cow\:1.2)",
    source=f"{_PROGRAM}, `prompt_parser.re_attention`",
)
BACKSLASH_DROPPED = Rule(
    name="a1111/backslash-dropped",
    severity=Severity.INFORMATION,
    summary="a backslash before an ordinary character is dropped",
    why="Only brackets and the backslash itself can be escaped; any other backslash leaves the text.",
    example=r"/render /parser:a1111 a C:\cows folder",
    source=f"{_PROGRAM}, `prompt_parser.re_attention`",
)
UNCLOSED = Rule(
    name="a1111/unclosed",
    severity=Severity.WARNING,
    summary="an opening bracket counts until the end of the prompt",
    why="The program closes what is left open at the end of the text, with the bracket's own factor.",
    example="/render /parser:a1111 a (red cow, green grass",
    source=f"{_PROGRAM}, `prompt_parser.parse_prompt_attention`",
)
UNOPENED = Rule(
    name="a1111/unopened",
    severity=Severity.WARNING,
    summary="a closing bracket without its partner is drawn as text",
    why="So is a weight before it: `cow:1.2)` stays as it is written.",
    example="/render /parser:a1111 a red cow:1.2), green grass",
    source=f"{_PROGRAM}, `prompt_parser.parse_prompt_attention`",
)
CROSSED = Rule(
    name="a1111/crossed-brackets",
    severity=Severity.WARNING,
    summary="round and square brackets cross",
    why="Each kind looks for its own partner only, so `(a [b) c]` counts a 1.1, b 1.1 / 1.1 and c 1 / 1.1.",
    example="/render /parser:a1111 (a red [cow) on grass]",
    source=f"{_PROGRAM}, `prompt_parser.parse_prompt_attention`",
)
AND_INSIDE_BRACKETS = Rule(
    name="a1111/and-inside-brackets",
    severity=Severity.WARNING,
    summary="an `AND` splits the prompt in the middle of a bracket",
    why="The split comes before brackets are read, so each part has half of the pair and the weight is lost.",
    example="/render /parser:a1111 (a cow AND a horse:1.2)",
    source=f"{_PROGRAM}, `prompt_parser.re_AND`",
)
TOO_DEEP = Rule(
    name="a1111/too-deep",
    severity=Severity.WARNING,
    summary="brackets are nested more than 100 deep",
    why="Their weights are read exactly, but the tree that checks and converters work on stops there.",
    example="/render /parser:a1111 " + "(" * 101 + "cow" + ")" * 101,
    source="decision of this language",
)
NETWORK_IN_SCHEDULE = Rule(
    name="a1111/network-in-schedule",
    severity=Severity.WARNING,
    summary="a network inside a schedule is on for the whole picture",
    why="Network calls are cut out of the text before schedules are read.",
    example="/render /parser:a1111 a cow [<lora:fur:1>:0.5]",
    source=f"{_PROGRAM}, order of passes; issue 2591 of ComfyUI asks for more",
)
NETWORK_IN_NEGATIVE = Rule(
    name="a1111/network-in-negative",
    severity=Severity.WARNING,
    summary="a network called in the negative prompt is plain text",
    why="The program cuts network calls out of the prompt alone. In the negative prompt their letters are drawn, or "
    "rather avoided, and nothing is loaded. `AND` is a plain word there as well.",
    example="/render /parser:a1111 a cow /negative <lora:fur:1>",
    source=f"{_PROGRAM}, `processing.parse_extra_network_prompts`",
)
COMMENT_IN_WORD = Rule(
    name="a1111/comment-in-word",
    severity=Severity.WARNING,
    summary="a `#` inside a word, or right before one, makes a comment of the rest of the line",
    why="stable-diffusion-webui cuts a prompt at every `#`, and what follows on the line is not drawn.",
    example="/render /parser:a1111 a C# programmer, 8k",
    source="stable-diffusion-webui 1.10, `strip_comments`",
)
NETWORK_STRENGTH = Rule(
    name="a1111/network-strength",
    severity=Severity.WARNING,
    summary="the strength of a LoRA is not a number",
    why="The program reports an error and draws the picture without that LoRA and all others: it loads them in one go.",
    example="/render /parser:a1111 a cow <lora:fur:strong>",
    source=f"{_PROGRAM}, `extra_networks_lora.activate`",
)
NETWORK_ARGUMENT = Rule(
    name="a1111/network-argument",
    severity=Severity.WARNING,
    summary="an argument of a network call changes nothing here",
    why="The program's own reader knows `te`, `unet` and `dyn`. Others, such as `lbw`, are for extensions and are left "
    "out; so is `dyn`, a limit on the rank that nothing here draws.",
    example="/render /parser:a1111 a cow <lora:fur:1:lbw=OUTALL>",
    source=f"{_PROGRAM}, `extra_networks_lora.activate`",
)
UNKNOWN_NETWORK = Rule(
    name="a1111/unknown-network",
    severity=Severity.INFORMATION,
    summary="a call of an unknown kind leaves the text and does nothing",
    why="Whatever looks like `<word:…>` is cut out, and only an extension that knows the word acts on it.",
    example="/render /parser:a1111 a cow <fur:strong>",
    source=f"{_PROGRAM}, `extra_networks.parse_prompt`",
)

RULES = (
    SCHEDULES_DISABLED,
    NUMBER_TAKEN_AS_WEIGHT,
    BREAK_INSIDE_BRACKETS,
    NOT_A_WEIGHT,
    SQUARE_WEIGHT,
    NEVER_SWITCHES,
    ESCAPED_COLON,
    BACKSLASH_DROPPED,
    UNCLOSED,
    UNOPENED,
    CROSSED,
    AND_INSIDE_BRACKETS,
    TOO_DEEP,
    NETWORK_IN_SCHEDULE,
    NETWORK_IN_NEGATIVE,
    COMMENT_IN_WORD,
    NETWORK_STRENGTH,
    NETWORK_ARGUMENT,
    UNKNOWN_NETWORK,
)
