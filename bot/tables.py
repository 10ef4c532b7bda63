"""Every table of the program, for migrations: importing this makes `Base.metadata` complete."""

from bot.conversations.sessions import ConversationSession
from bot.platforms.web.transcript import WebChat, WebMessage
from bot.understanding.questions import ModelQuestion
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
from crm.fulfilment.customer_links import CustomerLink
from crm.fulfilment.gates import GateRelease
from crm.fulfilment.makers import Capacity, Maker
from crm.fulfilment.milestones import Milestone
from crm.fulfilment.payments import ScheduledPayment
from crm.fulfilment.plans import Plan
from crm.fulfilment.promises import PaymentPromise
from crm.fulfilment.satisfaction import OrderScore
from crm.fulfilment.shipments import Shipment, ShipmentLine
from crm.fulfilment.stock import Allocation
from crm.fulfilment.work_orders import WorkOrder
from crm.insight.digests import Digest
from crm.insight.figures import DayFigure
from crm.ledger.credit import Reservation
from crm.ledger.receipts import Receipt, ReceiptAllocation
from crm.ledger.receivables import Receivable
from crm.orders.approvals import ApprovalStep
from crm.orders.asking import OrderQuestion
from crm.orders.escalations import StepEscalation
from crm.orders.lines import OrderLine
from crm.orders.orders import Order
from crm.orders.policy import ApprovalRule
from crm.orders.quotes.quote_lines import QuoteLine
from crm.orders.quotes.quotes import Quote
from crm.orders.quotes.special_prices import QuoteApproval
from crm.orders.rounds import OrderRound
from crm.people.absence import Absence
from crm.people.identities import ChatIdentity, LinkAttempt, LinkCode
from crm.people.people import Person, PersonRole, Team
from crm.people.team_chats import TeamChat
from crm.sales.campaigns.blocks import MailBlock
from crm.sales.campaigns.rows import Campaign, CampaignMail
from crm.sales.catalogue.categories import ProductCategory
from crm.sales.catalogue.products import Product
from crm.sales.collisions.handover_requests import HandoverRequest
from crm.sales.company_keys import CompanyKey
from crm.sales.customers.communications import Communication
from crm.sales.customers.contacts import Contact
from crm.sales.customers.customers import Customer, CustomerPrice
from crm.sales.customers.grading import GradeProposal, GradingMonth
from crm.sales.deals.deals import Deal, DealStage
from crm.sales.deals.pipeline_totals import PipelineTotal
from crm.sales.fairs.fairs import Fair, FairCard
from crm.sales.leads.assignment import LeadAssignment
from crm.sales.leads.assignment_rules import AssignmentRuleRow
from crm.sales.leads.cadences import PlannedFollowUp
from crm.sales.leads.lead_form import LeadFormRow
from crm.sales.leads.leads import Lead
from crm.sales.leads.pool import LeadClaim
from crm.sales.ownership.handing_over import HandOver
from crm.sales.ownership.merging import CustomerMerge
from crm.sales.tasks.tasks import Task

TABLES = (
    Digest,
    DayFigure,
    StepEscalation,
    Said,
    Absence,
    Allocation,
    ApprovalRule,
    ApprovalStep,
    AssignmentRuleRow,
    Attachment,
    Campaign,
    Capacity,
    CampaignMail,
    CardCopy,
    Chat,
    ChatIdentity,
    Communication,
    CompanyKey,
    Contact,
    ConversationSession,
    Counter,
    Customer,
    CustomerLink,
    CustomerPrice,
    Deal,
    DealStage,
    CustomerMerge,
    ExchangeRate,
    Fair,
    FairCard,
    GateRelease,
    GradeProposal,
    GradingMonth,
    HandOver,
    HandoverRequest,
    HistoryEntry,
    InboxEntry,
    Lead,
    LeadAssignment,
    LeadClaim,
    LeadFormRow,
    Lease,
    LinkAttempt,
    LinkCode,
    Maker,
    Milestone,
    MailBlock,
    ModelQuestion,
    Order,
    OrderLine,
    OrderQuestion,
    OrderRound,
    OrderScore,
    OutboxEntry,
    PaymentPromise,
    Person,
    Plan,
    PlannedFollowUp,
    PersonRole,
    PipelineTotal,
    Product,
    ProductCategory,
    Quote,
    QuoteApproval,
    QuoteLine,
    Receipt,
    ReceiptAllocation,
    Receivable,
    Reservation,
    Rule,
    ScheduledPayment,
    Shipment,
    ShipmentLine,
    StoredFile,
    Task,
    Team,
    TeamChat,
    WorkOrder,
    WebChat,
    WebMessage,
)

metadata = Base.metadata
