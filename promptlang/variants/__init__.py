"""Variants as dynamicprompts reads them: `{a|b}`, `__wildcard__`, `${x=a}`, counted first and expanded lazily."""
