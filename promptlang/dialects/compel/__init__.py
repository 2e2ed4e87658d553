"""The dialect of Compel and InvokeAI."""
