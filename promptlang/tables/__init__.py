"""Every fact of the language once: options, models and families, samplers, schedules, dialects, commands, editions."""
