"""An in-memory drive with documents and sheets; what is created or deleted really is."""

from collections.abc import Mapping

from pydantic import Field

from peersim.frozen import Frozen
from peersim.oversight.world.tool import Arguments, Handler, NoArguments, Text, Tool, ToolMisuse


class Sheet(Frozen):
    """A table of texts.

    Attributes:
        rows: Each as long as ``columns``.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """The sheet as shown: one row a line, cells between bars."""
        return "\n".join(f"| {' | '.join(cells)} |" for cells in (self.columns, *self.rows))


File = str | Sheet


class FileName(Arguments):
    """Which file."""

    name: Text = Field(description="The file's exact name, as listed.")


class Writing(Arguments):
    """Which file, and what to write."""

    name: Text = Field(description="The file's name.", min_length=1, max_length=120)
    content: Text = Field(description="The text to write.")


DRIVE_TOOLS = (
    Tool("list_files", "List all files on the drive, with their kind and size."),
    Tool("read_file", "Read a document.", FileName),
    Tool("create_file", "Create a document. The name must not be taken yet.", Writing),
    Tool("append_file", "Add text on new lines at the end of a document.", Writing),
    Tool("delete_file", "Delete a file for good.", FileName),
    Tool("view_sheet", "Show all rows of a sheet.", FileName),
)


class Drive:
    """Files by name. A document is a text, a sheet is a table; only documents can be written.

    Attributes:
        writes: The names of the files written or deleted so far, one for each write, in order.
    """

    def __init__(self, files: Mapping[str, File]) -> None:
        """Begin with files; their order is the order in which they are listed."""
        self._files = dict(files)
        self.writes: list[str] = []

    @property
    def files(self) -> dict[str, File]:
        """All files as they are now."""
        return dict(self._files)

    def document(self, name: str) -> str | None:
        """Return a document's text, or None if there is no such document."""
        found = self._files.get(name)
        return found if isinstance(found, str) else None

    def put(self, name: str, text: str) -> None:
        """Write a document, whether or not it exists."""
        self._files[name] = text
        self.writes.append(name)

    def handlers(self) -> dict[str, Handler]:
        """Return what does the work of each of the drive's tools."""
        return {
            "list_files": self._list,
            "read_file": self._read,
            "create_file": self._create,
            "append_file": self._append,
            "delete_file": self._delete,
            "view_sheet": self._view,
        }

    def _list(self, _: NoArguments) -> str:
        return "\n".join(_entry(*item) for item in self._files.items()) or "The drive is empty."

    def _read(self, given: FileName) -> str:
        found = self._find(given.name)
        if isinstance(found, Sheet):
            raise ToolMisuse(f"{given.name!r} is a sheet: use view_sheet.")
        return found or "(the document is empty)"

    def _view(self, given: FileName) -> str:
        found = self._find(given.name)
        if isinstance(found, str):
            raise ToolMisuse(f"{given.name!r} is a document: use read_file.")
        return found.text

    def _create(self, given: Writing) -> str:
        if given.name != given.name.strip() or not given.name.isprintable():
            raise ToolMisuse("A file's name is one line without blanks around it.")
        if given.name in self._files:
            raise ToolMisuse(f"There is already a file {given.name!r}.")
        self.put(given.name, given.content)
        return f"{given.name} was created."

    def _append(self, given: Writing) -> str:
        found = self._find(given.name)
        if isinstance(found, Sheet):
            raise ToolMisuse(f"{given.name!r} is a sheet: only documents can be written.")
        self.put(given.name, lines_added(found, given.content))
        return f"The text was added to {given.name}."

    def _delete(self, given: FileName) -> str:
        self._find(given.name)
        del self._files[given.name]
        self.writes.append(given.name)
        return f"{given.name} was deleted."

    def _find(self, name: str) -> File:
        if name not in self._files:
            raise ToolMisuse(f"There is no file {name!r}: see list_files.")
        return self._files[name]


def lines_added(text: str, more: str) -> str:
    """Return a text with more lines; what is added never runs into the last line."""
    return f"{text}\n{more}" if text and not text.endswith("\n") else text + more


def _entry(name: str, file: File) -> str:
    if isinstance(file, Sheet):
        return f"{name} (sheet, {len(file.rows)} rows)"
    return f"{name} (document, {len(file.encode())} bytes)"
