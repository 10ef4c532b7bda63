"""Papers for customers as PDF: what stands on them is told in dataclasses, how they look in a Typst template."""

from crm.documents.letterhead import bank, seller
from crm.documents.printing import print_sheet, written_amount
from crm.documents.sheets import Bank, PackedLine, PackingList, Party, Sheet, SheetLine

__all__ = [
    "Bank",
    "PackedLine",
    "PackingList",
    "Party",
    "Sheet",
    "SheetLine",
    "bank",
    "print_sheet",
    "seller",
    "written_amount",
]
