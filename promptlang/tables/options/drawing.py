"""Options that say how a picture is drawn: encoder, guidance, steps, noise, and what is put into the model."""

from __future__ import annotations

from promptlang.diagnostics import CLIP_SKIP_PAGE, OURS, STEPS_PAGE, Severity
from promptlang.tables.arithmetics import ROWS as ARITHMETIC_ROWS
from promptlang.tables.options.fills import Layer, Nothing, Owners, Spoken, Value, Without
from promptlang.tables.options.kinds import Choice, Flag, Integer, Item, Name, Number, Numbers, Word
from promptlang.tables.options.row import Band, Option
from promptlang.tables.samplers import ROWS as SAMPLER_ROWS
from promptlang.tables.schedules import ENDINGS
from promptlang.tables.schedules import ROWS as SCHEDULE_ROWS

CLIP_SKIP = Option(
    name="clipskip",
    title="clip skip",
    kind=Integer(
        low=1,
        high=13,
        floors="clip skip counts whole layers",
        upwards="if you meant to skip a layer",
        likely=(2, 1, 3, 4),
    ),
    elsewhere=("clip_skip", "clip_stop_at_last_layers", "stop_at_clip_layer", "stop_at_last_layers", "clip_layer"),
    fills=Layer(),
    docs="Stop the text encoder early: take its hidden state number N counted from the end. 1 is the last layer and "
    "changes nothing, 2 is the popular setting; a 12-layer encoder has 13 states, hence at most 13. Early layers are "
    "broad, late ones specific: fewer layers read you less exactly (“a cow” rather than a breed). It is optional, "
    "trial and error decides, and it is independent of `/guidance`. The service says it renders faster; the text "
    "encoder runs once per prompt, so expect no measurable gain.",
    source=f"{CLIP_SKIP_PAGE}; the layer picture is a community explanation, and a simplification",
    default="1, or the family's own layer",
    sweeps=True,
    bands=(
        Band(
            name="no-op",
            low=1,
            high=1,
            severity=Severity.HINT,
            message="clip skip 1 is the last layer, which changes nothing",
            why="Numbers count from the last layer, as stable-diffusion-webui counts them: 1 skips nothing.",
            source=CLIP_SKIP_PAGE,
            help="leave `/clipskip` out, or write `/clipskip:2` to skip one layer",
            covers=("SR-11",),
            removes=True,
        ),
        Band(
            name="high",
            low=3,
            high=5,
            severity=Severity.INFORMATION,
            message="above 2, clip skip often looks like low guidance, found {value}",
            why="With more than two layers skipped, results start to look like images with low guidance. "
            "The two settings are independent all the same.",
            source=CLIP_SKIP_PAGE,
            help="write `/clipskip:2` unless you want a broader reading",
            covers=("SR-12", "SR-38"),
        ),
        Band(
            name="extreme",
            low=6,
            high=13,
            severity=Severity.WARNING,
            message="above 5, clip skip gives unpredictable pictures, found {value}",
            why="The help page calls results above 5 wacky: few layers know little of what the words mean together.",
            source=CLIP_SKIP_PAGE,
            help="write `/clipskip:2`, the popular setting",
            covers=("SR-10",),
        ),
    ),
    covers=("SR-04", "SR-06", "SR-09", "SR-13", "SR-14", "SR-15", "SR-16", "SR-19", "SR-20", "SR-21", "SR-37"),
)

GUIDANCE = Option(
    name="guidance",
    kind=Number(low=0, likely=(7, 5, 7.5, 10)),
    elsewhere=(
        *("cfg_scale", "guidance_scale", "scale", "text_guidance", "prompt_guidance", "classifier_free_guidance"),
        *("distilled_cfg", "distilled_cfg_scale", "distilled_guidance", "flux_guidance", "embedded_guidance"),
    ),
    fills=Value(field="guidance", family="guidance"),
    docs="How strongly the prompt pulls, also known as CFG scale: a multiplier of the prompt's direction, and a slider "
    "between freedom (low) and exactness (high). It is independent of `/clipskip` and of the model's layers.",
    source=f"{CLIP_SKIP_PAGE}, community explanation",
    default="the family's own, often 7",
    sweeps=True,
    aliases=("cfg",),
    bands=(
        Band(
            name="zero",
            low=0,
            high=0,
            severity=Severity.WARNING,
            message="guidance 0 means the prompt is ignored",
            why="At 0 the prompt has no influence; the model still finds a picture in the noise.",
            source=f"{CLIP_SKIP_PAGE}, community explanation",
            help="write `/guidance:7`",
            covers=("SR-40", "SR-41"),
        ),
        Band(
            name="high",
            low=15,
            high=20,
            severity=Severity.INFORMATION,
            message="high guidance often costs texture and depth, found {value}",
            why="The higher the guidance, the more needlessly specific the picture has to be.",
            source=f"{CLIP_SKIP_PAGE}, community explanation; the number is ours",
            help="write a value from 5 to 10",
            covers=("SR-43",),
        ),
        Band(
            name="extreme",
            low=20,
            high=1e9,
            severity=Severity.WARNING,
            message="extreme guidance often breaks the picture into bare patterns, found {value}",
            why="Only the purest pattern of the words is left: strong contrast, symmetry, geometric shapes; texture, "
            "hair and depth vanish, although the prompt is met.",
            source=f"{CLIP_SKIP_PAGE}, community explanation; the number is ours",
            help="write a value from 5 to 10",
            covers=("SR-42", "SR-46"),
        ),
    ),
    covers=("SR-38", "SR-39", "SR-43", "SR-44"),
)

STEPS = Option(
    name="steps",
    kind=Integer(
        low=1,
        high=1000,
        likely=(20, 25, 35, 50),
        words=(
            Word(name="wayless", number=15, sets=(("images", "9"),)),
            Word(name="less", number=25, sets=(("images", "6"),)),
            Word(name="more", number=100, sets=(("images", "3"),)),
            Word(name="waymore", number=200, sets=(("images", "2"),)),
        ),
    ),
    elsewhere=(
        *("num_inference_steps", "inference_steps", "sampling_steps", "sample_steps", "num_steps", "n_steps"),
        *("ddim_steps", "infer_steps", "iterations"),
    ),
    fills=Value(field="steps", family="steps"),
    docs="How many denoising steps. The words also set the number of images.",
    source=STEPS_PAGE,
    default="the family's own, often 25",
    sweeps=True,
    covers=("SR-45",),
)

SAMPLER = Option(
    name="sampler",
    kind=Choice(tuple(Item(row.name, row.docs, row.aliases) for row in SAMPLER_ROWS), ENDINGS),
    elsewhere=(
        "sampler_name",
        "sampler_index",
        "sampler_type",
        "sampling_method",
        "sample_method",
        "ksampler",
        "solver",
    ),
    fills=Value(field="sampler", family="sampler"),
    docs="The method that turns noise into a picture.",
    source="sampler list of the hosted service; other names are aliases",
    default="the family's own",
    sweeps=True,
    mistaken_for="schedule",
)

SCHEDULE = Option(
    name="schedule",
    kind=Choice(tuple(Item(row.name, row.docs, row.aliases) for row in SCHEDULE_ROWS)),
    elsewhere=("schedule_type", "scheduler_type", "scheduler_name", "noise_schedule", "sigma_schedule", "sigmas"),
    fills=Value(field="schedule"),
    docs='How the noise levels are spaced. A name that ends in one, as older tools write it (`"DPM++ 2M Karras"`, '
    "`dpmpp_2m_karras`), is read as sampler and schedule.",
    source="schedule type of stable-diffusion-webui, scheduler of ComfyUI",
    default="the model's own",
    sweeps=True,
    aliases=("scheduler",),
    mistaken_for="sampler",
)

KARRAS = Option(
    name="karras",
    kind=Flag(sets=(("schedule", "karras"),)),
    elsewhere=("use_karras", "karras_sigmas", "use_karras_sigmas"),
    fills=Spoken(fields=("schedule",), how="it is short for `/schedule:karras`"),
    docs="Space the noise levels as Karras and others propose.",
    source="examples of the hosted service",
)

VAE = Option(
    name="vae",
    kind=Name("`owner__name` or a path", concept="vae"),
    elsewhere=("vae_name", "vae_model", "vae_path", "sd_vae", "autoencoder"),
    fills=Value(field="vae"),
    docs="Another image decoder than the model's own; it changes colours and small detail.",
    source="help page on swapping the VAE",
    default="the model's own",
    sweeps=True,
)

FREEU = Option(
    name="freeu",
    kind=Numbers(4, 0, 2, names=("s1", "s2", "b1", "b2")),
    fills=Value(field="freeu"),
    docs="Scale skip connections (s1, s2) and backbone (b1, b2) of the denoiser.",
    source="help page on FreeU; another source has the order b, s",
    default="off",
)

TRUE_CFG = Option(
    name="true-cfg",
    kind=Number(low=1, likely=(1, 2, 4)),
    elsewhere=("true_cfg", "true_cfg_scale", "real_cfg", "true_guidance"),
    fills=Value(field="true_cfg"),
    docs="Classifier-free guidance where `/guidance` is an input of the model: a second pass, in which a negative "
    "prompt counts. 1 is off.",
    source="`true_cfg_scale` of diffusers",
    default="off",
    sweeps=True,
)

RESCALE = Option(
    name="rescale",
    kind=Number(low=0, high=1, likely=(0.7, 0.5)),
    elsewhere=("guidance_rescale", "cfg_rescale", "rescale_cfg", "cfg_rescale_multiplier", "rescale_multiplier"),
    fills=Value(field="rescale"),
    docs="Bring guided noise back to the spread of the unguided one by this share, against washed-out and burnt "
    "pictures of v-prediction and zero-SNR models.",
    source="`guidance_rescale` of diffusers; Lin and others, Common Diffusion Noise Schedules",
    default="off",
    sweeps=True,
)

ARITHMETIC = Option(
    name="arithmetic",
    kind=Choice(
        tuple(
            Item(each.name, f"noise levels, timesteps and noise as {each.program} makes them", each.aliases)
            for each in ARITHMETIC_ROWS
        )
    ),
    fills=Owners(),
    docs="Whose way of computing draws the picture: the same names give slightly different pictures elsewhere. A "
    "statement in a program's own dialect (`comfy`, `a1111`) is drawn as that program draws it by a model with a UNet, "
    "without `/mask` and without a refiner, and a `comfy` statement by flow-matching models too; all others are drawn "
    "as diffusers draws them.",
    source=OURS,
    default="that of the dialect's owner",
)

LPW = Option(
    name="lpw",
    kind=Flag(),
    fills=Nothing(),
    docs="Long prompts: always handled here, so the flag is accepted and changes nothing.",
    source=f"unofficial syntax catalogue; {OURS}",
    remark="prompts of any length are always read whole, so `/lpw` changes nothing",
)

NOFIX = Option(
    name="nofix",
    kind=Flag(),
    fills=Without(field="refiner"),
    docs="Leave out the refiner, which finishes pictures of SDXL where the project or the statement names one.",
    source="help page on VASS",
)

VASS = Option(
    name="vass",
    kind=Flag(),
    fills=Nothing(),
    docs="Another colour and composition for SDXL. What it computes is not public.",
    source="help page on VASS",
    remark="what `/vass` computes is not public, so it is not rendered here",
    remark_severity=Severity.WARNING,
)
