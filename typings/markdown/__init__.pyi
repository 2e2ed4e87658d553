from markdown.treeprocessors import Treeprocessor

class _Registry:
    def register(self, item: Treeprocessor, name: str, priority: float) -> None: ...

class Markdown:
    treeprocessors: _Registry
