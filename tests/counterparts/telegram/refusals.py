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
    ) -> None:
        super().__init__(description)
        self.description = description
        self.status = status
        self.violation = violation
        self.detail = detail
        self.retry_after = retry_after

    def body(self) -> dict[str, object]:
        answer: dict[str, object] = {
            "ok": False,
            "error_code": self.status,
            "description": self.description,
        }
        if self.retry_after is not None:
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


def breach(description: str, *, detail: str = "") -> RefusedError:
    """A broken rule: 400, and kept as a violation. `description` comes without "Bad Request: "."""
    return RefusedError(f"Bad Request: {description}", violation=True, detail=detail)


def circumstance(description: str) -> RefusedError:
    """A 400 that can happen to a correct bot. `description` comes without "Bad Request: "."""
    return RefusedError(f"Bad Request: {description}")


def forbidden(description: str) -> RefusedError:
    return RefusedError(f"Forbidden: {description}", status=403)
