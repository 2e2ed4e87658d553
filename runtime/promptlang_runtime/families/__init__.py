"""The families that can be drawn: a folder and a row of the table each; no family imports another."""
