"""The dialect of NovelAI."""
