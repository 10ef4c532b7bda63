"""Every table of the program, for migrations: importing this makes `Base.metadata` complete."""

from bot.conversations.sessions import ConversationSession
from bot.platforms.web.transcript import WebChat, WebMessage
from crm.core.copies import CardCopy
from crm.core.files import Attachment, StoredFile
from crm.core.history import HistoryEntry
from crm.core.inbox import InboxEntry
from crm.core.leases import Lease
from crm.core.numbering import Counter
from crm.core.outbox import Chat, OutboxEntry
from crm.core.rates import ExchangeRate
from crm.core.rules import Rule
from crm.core.said import Said
from crm.core.tables import Base
from crm.insight.digests import Digest
from crm.insight.figures import DayFigure
from crm.ledger.credit import Reservation
from crm.ledger.receivables import Receivable
from crm.orders.approvals import ApprovalStep
from crm.orders.escalations import StepEscalation
from crm.orders.lines import OrderLine
from crm.orders.orders import Order
from crm.orders.policy import ApprovalRule
from crm.orders.rounds import OrderRound
from crm.people.absence import Absence
from crm.people.identities import ChatIdentity, LinkAttempt, LinkCode
from crm.people.people import Person, PersonRole, Team
from crm.people.team_chats import TeamChat
from crm.sales.categories import ProductCategory
from crm.sales.communications import Communication
from crm.sales.contacts import Contact
from crm.sales.customers import Customer, CustomerPrice
from crm.sales.deals import Deal, DealStage
from crm.sales.leads import Lead
from crm.sales.pool import LeadClaim
from crm.sales.products import Product
from crm.sales.tasks import Task

TABLES = (
    Digest,
    DayFigure,
    StepEscalation,
    Said,
    Absence,
    ApprovalRule,
    ApprovalStep,
    Attachment,
    CardCopy,
    Chat,
    ChatIdentity,
    Communication,
    Contact,
    ConversationSession,
    Counter,
    Customer,
    CustomerPrice,
    Deal,
    DealStage,
    ExchangeRate,
    HistoryEntry,
    InboxEntry,
    Lead,
    LeadClaim,
    Lease,
    LinkAttempt,
    LinkCode,
    Order,
    OrderLine,
    OrderRound,
    OutboxEntry,
    Person,
    PersonRole,
    Product,
    ProductCategory,
    Receivable,
    Reservation,
    Rule,
    StoredFile,
    Task,
    Team,
    TeamChat,
    WebChat,
    WebMessage,
)

metadata = Base.metadata
