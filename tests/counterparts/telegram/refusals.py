"""The one exception that a refused call travels in, from wherever it is found out to the HTTP answer."""


class RefusedError(Exception):
    """An answer that is not `ok`.

    `violation` is true where no correct bot would ever have made the call (a text too long, an unknown
    parameter), false where it is a matter of circumstances (not modified, blocked, too many requests).
    """

    def __init__(
        self,
        description: str,
        *,
        status: int = 400,
        violation: bool = False,
        detail: str = "",
        retry_after: int | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> None:
        super().__init__(description)
        self.description = description
        self.status = status
        self.violation = violation
        self.detail = detail
        self.retry_after = retry_after
        self.migrate_to_chat_id = migrate_to_chat_id

    def body(self) -> dict[str, object]:
        answer: dict[str, object] = {
            "ok": False,
            "error_code": self.status,
            "description": self.description,
        }
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        if self.migrate_to_chat_id is not None:
            answer["parameters"] = {"migrate_to_chat_id": self.migrate_to_chat_id}
        return answer


def breach(description: str, *, detail: str = "") -> RefusedError:
    """A broken rule: 400, and kept as a violation. `description` comes without "Bad Request: "."""
    return RefusedError(f"Bad Request: {description}", violation=True, detail=detail)


def circumstance(description: str) -> RefusedError:
    """A 400 that can happen to a correct bot. `description` comes without "Bad Request: "."""
    return RefusedError(f"Bad Request: {description}")


def forbidden(description: str) -> RefusedError:
    return RefusedError(f"Forbidden: {description}", status=403)


def moved(to: int) -> RefusedError:
    """The group has another id now."""
    return RefusedError("Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=to)
