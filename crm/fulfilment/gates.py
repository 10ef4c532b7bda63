"""What must be received before something may happen: the deposit before production. Guide 3.2."""

from crm.core.work import UnitOfWork


def production_is_open(work: UnitOfWork, *, order_id: int) -> bool:
    """Whether nothing is awaited before the order's goods are made."""
    return True
