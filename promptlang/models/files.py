"""From a header to an identity: networks first, then denoisers, then the smaller files, then what metadata claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from promptlang.models.evidence.denoisers import denoiser_claim
from promptlang.models.evidence.gguf import read_gguf
from promptlang.models.evidence.header import Header, read_header
from promptlang.models.evidence.identity import Claim, Identity, Kind
from promptlang.models.evidence.metadata import claimed, claimed_kind, kept
from promptlang.models.evidence.networks import fault, network
from promptlang.models.evidence.packing import packed, quantization, unweighing
from promptlang.models.evidence.parts import control_key, inversion_vectors, part, vae_key
from promptlang.models.evidence.text_encoders import FoundEncoder, clip_layers, described, pairs, text_encoders
from promptlang.models.names import is_gguf
from promptlang.tables.models.families import family
from promptlang.tables.models.family import V_PREDICTION, Prediction, variant_of

# Empty tensors that authors of SDXL models leave as marks, and what they say.
MARKS: tuple[tuple[tuple[str, ...], Prediction, str], ...] = (
    (("edm_vpred.sigma_max",), "edm", "edm"),
    (("edm_mean", "edm_std"), "edm", "edm"),
    (("v_pred",), "v", V_PREDICTION),
)
_FAULTS: Mapping[Kind, Callable[[Header], str]] = {"lora": fault, "inversion": unweighing, "adapter": unweighing}
DENOISER_ROOM = "model.diffusion_model."
ZERO_SNR_MARK = "ztsnr"


def identify_file(path: Path) -> Identity:
    """What a file of tensors is; raises `BadHeader` and `OSError` as `read_header` does."""
    return identify_header(header_of(path))


def header_of(path: Path) -> Header:
    """The header of a safetensors or GGUF file; raises `BadHeader` and `OSError` as `read_header` does."""
    return read_gguf(path) if is_gguf(path) else read_header(path)


def identify_header(header: Header) -> Identity:
    """What the file with this header is."""
    if trained := network(header):
        method, claim = trained
        kind: Kind = "controlnet" if control_key(header) else "lora"
        return _identity(header, kind, _settled(claim, claimed(header.metadata)), variant=method)
    encoders = text_encoders(header)
    claim = denoiser_claim(header)
    if claim:
        return _with_denoiser(header, claim, encoders)
    if lost := _without_denoiser(header, encoders):
        return _identity(header, "checkpoint", _settled(lost, claimed(header.metadata)), encoders)
    if found := part(header):
        kind, small = found
        return _identity(header, kind, _settled(small, claimed(header.metadata)), encoders)
    if control_key(header):
        return _identity(header, "controlnet", _settled(_control(header), claimed(header.metadata)))
    return _by_metadata(header)


def _with_denoiser(header: Header, claim: Claim, encoders: tuple[FoundEncoder, ...]) -> Identity:
    """A checkpoint where the file holds an autoencoder or a text encoder as well, else a denoiser alone."""
    control = control_key(header)
    claim = _settled(_marked(header, claim), claimed(header.metadata))
    if control:
        return _identity(header, "controlnet", Claim(claim.family, (*_control(header).evidence, *claim.evidence)))
    kind: Kind = "checkpoint" if encoders or vae_key(header) else "denoiser"
    if claim.variant == "upscaler":
        kind = "upscaler"
    evidence = (*claim.evidence, *described(encoders))
    return _identity(header, kind, Claim(claim.family, evidence, claim.variant, claim.prediction), encoders)


def _without_denoiser(header: Header, encoders: tuple[FoundEncoder, ...]) -> Claim | None:
    """That a file with the parts of a checkpoint lacks a denoiser that can be told: no autoencoder is all it holds."""
    if not vae_key(header):
        return None
    if any(name.startswith(DENOISER_ROOM) for name in header.tensors):
        return Claim("unknown", ("its denoiser has the keys of no family that promptlang knows: some may be lost",))
    if encoders:
        return Claim("unknown", ("it holds an autoencoder and a text encoder, but no denoiser", *described(encoders)))
    return None


def _control(header: Header) -> Claim:
    return Claim("unknown", (f"`{control_key(header)}` belongs to a control network",))


def _marked(header: Header, claim: Claim) -> Claim:
    """The claim with what the marks in the file say about prediction."""
    for keys, prediction, variant in MARKS:
        if all(key in header.tensors for key in keys):
            sentence = (
                f"the mark `{keys[0]}` says it predicts {'velocity' if prediction == 'v' else 'with EDM scaling'}"
            )
            if ZERO_SNR_MARK in header.tensors:
                sentence += f", and `{ZERO_SNR_MARK}` that its noise ends at zero signal"
            variant = variant_of(claim.variant, variant)
            return Claim(claim.family, (*claim.evidence, sentence), variant, prediction)
    return claim


def _settled(tensors: Claim, metadata: Claim | None) -> Claim:
    """The tensors decide; metadata speaks where they are silent, and a contradiction is told."""
    if metadata is None:
        return tensors
    prediction = tensors.prediction or metadata.prediction
    if tensors.family == "unknown" or metadata.family in tensors.alike:
        evidence = (*metadata.evidence, *tensors.evidence)
        return Claim(metadata.family, evidence, tensors.variant, prediction)
    (sentence,) = metadata.evidence
    if tensors.family != metadata.family:
        sentence = f"{sentence}, which its tensors contradict; the tensors decide"
    return Claim(tensors.family, (*tensors.evidence, sentence), tensors.variant, prediction)


def _by_metadata(header: Header) -> Identity:
    count = len(header.tensors)
    silent = (
        f"none of its {count:,} keys is one that promptlang can tell a family by" if count else "it holds no tensors"
    )
    kind = claimed_kind(header.metadata) or "unknown"
    return _identity(header, kind, _settled(Claim("unknown", (silent,)), claimed(header.metadata)))


def _identity(
    header: Header, kind: Kind, claim: Claim, encoders: tuple[FoundEncoder, ...] = (), variant: str = ""
) -> Identity:
    prediction = claim.prediction or _assumed(kind, claim.family)
    unusual = prediction == "v" != family(claim.family).prediction and V_PREDICTION not in claim.variant
    return Identity(
        kind=kind,
        family=claim.family,
        variant=variant_of(variant, claim.variant, V_PREDICTION if unusual else ""),
        prediction=prediction,
        encoders=pairs(encoders, claim.family),
        layers=clip_layers(encoders),
        vectors=inversion_vectors(header) if kind == "inversion" else None,
        alike=claim.alike if kind == "vae" else (),
        has_vae=bool(vae_key(header)),
        packed=packed(header),
        quantization=quantization(header),
        fault=_FAULTS[kind](header) if kind in _FAULTS else "",
        zero_snr=ZERO_SNR_MARK in header.tensors,
        evidence=claim.evidence,
        metadata=kept(header.metadata),
    )


def _assumed(kind: Kind, family_name: str) -> Prediction:
    """What a model without marks predicts, as far as its family agrees on it."""
    return family(family_name).prediction if kind in ("checkpoint", "denoiser") else "unknown"
