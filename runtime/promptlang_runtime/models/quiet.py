"""Silences the libraries: their progress bars and remarks do not belong between our own lines."""

from __future__ import annotations

from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

for _logging in (transformers_logging, diffusers_logging):
    _logging.set_verbosity_error()
    _logging.disable_progress_bar()
