"""Files that the app puts into a conversation: a place asked for, filled, and shared."""

from typing import Any

from .workspace import Channel, SharedFile, Workspace

Json = dict[str, Any]

NO_JSON = frozenset({"files.getUploadURLExternal", "files.completeUploadExternal"})
"""Methods that read their arguments from a form or the query only."""


def new_place(workspace: Workspace, given: Json) -> Json | str:
    """A place for so many bytes; the server adds its address. An error's name where the arguments are no good."""
    if not given["filename"] or not str(given["length"]).isdecimal() or int(given["length"]) == 0:
        return "invalid_arguments"
    file = workspace.new_file(given["filename"], b"", "application/octet-stream", size=int(given["length"]))
    return {"file_id": file.id}


def take(workspace: Workspace, file_id: str, content: bytes) -> int:
    """What was uploaded, taken once and only in the length that was announced; returns the answer's status."""
    with workspace.changed:
        file = workspace.files.get(file_id)
        if file is None or file.content or len(content) != file.size:
            workspace.violate(f"upload to {file_id}: {len(content)} bytes are not what was announced")
            return 400
        workspace.files[file_id] = SharedFile(file.id, file.name, file.mime, content, file.size)
        return 200


def share(workspace: Workspace, channel: Channel | None, files: Any, words: str = "") -> Json | str:
    """The uploaded files are posted into the conversation, with the words beside them."""
    if not isinstance(files, list) or not files or any(not isinstance(one, dict) or "id" not in one for one in files):
        return "invalid_arguments"
    found = [workspace.files.get(one["id"]) for one in files]
    if any(file is None or not file.content for file in found):
        return "file_not_found"
    if channel is not None:
        workspace.beside_uploads.append(words)
        workspace.uploaded += [(channel.id, file) for file in found if file is not None]
    return {"files": [{"id": one["id"], "title": one.get("title")} for one in files]}
