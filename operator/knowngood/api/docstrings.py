"""What is said of the fields of a model: the strings below them in the source.

Pydantic can read them too, for every class when it is made. That takes an eighth of the start of the command line, and
only the schema of a kind wants them.
"""

import ast
import inspect
import textwrap
from functools import cache


@cache
def said_of(model: type) -> dict[str, str]:
    """Words by field, in Python's spelling; a class may say anew what the one above it says."""
    said: dict[str, str] = {}
    for part in reversed(model.__mro__):
        if hasattr(part, "model_fields") and part.__module__.split(".")[0] != "pydantic":
            said |= _own(part)
    return said


def _own(part: type) -> dict[str, str]:
    try:
        source = inspect.getsource(part)
    except (
        OSError
    ):  # an installation may leave the source out; the schema is the same but for the words
        return {}
    body = ast.parse(textwrap.dedent(source)).body[0]
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"the source of {part.__name__} is no class")
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(words))),
            ):
                found[name] = inspect.cleandoc(words)
            case _:
                pass
    return found
