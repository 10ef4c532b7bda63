"""The lines of a quote: like an order's, with what was known of the product's prices when it was written."""

from decimal import Decimal

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.tables import Base
from crm.core.types import Amount, Id, Percent, Price, Quantity


class QuoteLine(Base):
    """One line. Prices are per unit in the quote's currency; `discount` is per cent off the price, `discount_sum`
    a sum off the line; `list_price` and `cost` in the same currency. `is_under_floor`: its price after the discount is
    under the product's floor, or cannot be compared with it for want of an exchange rate.
    """

    __tablename__ = "quote_lines"
    __table_args__ = (Index(None, "quote_id", "position"), Index(None, "product_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    quote_id: Mapped[int] = mapped_column(ForeignKey("quotes.id"))
    position: Mapped[int]
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[Decimal] = mapped_column(Quantity)
    unit_price: Mapped[Decimal] = mapped_column(Price)
    discount: Mapped[Decimal] = mapped_column(Percent)
    discount_sum: Mapped[Decimal | None] = mapped_column(Amount)
    net: Mapped[Decimal] = mapped_column(Amount)
    list_price: Mapped[Decimal | None] = mapped_column(Price)
    cost: Mapped[Decimal | None] = mapped_column(Price)
    is_under_floor: Mapped[bool]
