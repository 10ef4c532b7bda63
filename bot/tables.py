"""Every table of the program, for migrations: importing this makes `Base.metadata` complete."""

from bot.conversations.sessions import ConversationSession
from bot.platforms.web.transcript import WebChat, WebMessage
from crm.core.history import HistoryEntry
from crm.core.inbox import InboxEntry
from crm.core.leases import Lease
from crm.core.outbox import CardCopy, Chat, OutboxEntry
from crm.core.tables import Base
from crm.people.identities import ChatIdentity, LinkAttempt, LinkCode
from crm.people.people import Person, PersonRole, Team
from crm.sales.categories import ProductCategory
from crm.sales.leads import Lead

TABLES = (
    CardCopy,
    Chat,
    ChatIdentity,
    ConversationSession,
    HistoryEntry,
    InboxEntry,
    Lead,
    Lease,
    LinkAttempt,
    LinkCode,
    OutboxEntry,
    Person,
    PersonRole,
    ProductCategory,
    Team,
    WebChat,
    WebMessage,
)

metadata = Base.metadata
