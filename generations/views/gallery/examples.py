"""The example pictures of an empty gallery, which put their prompt into the composer."""

from dataclasses import dataclass

from generations import schema
from generations.forms.composer import ratio_class


@dataclass(frozen=True)
class ExamplePicture:
    """A prompt of the schema, and what the emulator generated for it; the size is of its file, in pixels."""

    prompt: str
    name: str
    width: int
    height: int

    @property
    def file(self) -> str:
        return f"img/examples/{self.name}.webp"

    @property
    def ratio_class(self) -> str:
        return ratio_class(self.width, self.height)


# In static/img/examples, in the order of the examples in the schema of the default model.
FILES = (
    ("harbour", 640, 480), ("aurora", 640, 480), ("circles", 640, 480), ("panda", 540, 540),
    ("oranges", 640, 480), ("desert", 640, 480), ("lighthouse", 640, 480), ("menu", 640, 480),
)  # fmt: skip


def examples_for(model: str) -> list[ExamplePicture]:
    """Return the example pictures; none for a model other than the default one."""
    parameter = schema.get().by_role("prompt")
    if model != schema.DEFAULT or parameter is None:
        return []
    return [ExamplePicture(prompt, *file) for prompt, file in zip(parameter.examples, FILES, strict=True)]
