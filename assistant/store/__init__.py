"""The SQL store: tables as SQLAlchemy models, and `Database`, through which everything else reaches them."""

from assistant.store.base import Base, UtcDateTime, now
from assistant.store.carts import Cart, CartItem
from assistant.store.catalogue import Product, Variant
from assistant.store.conversations import Annotation, Conversation, Event
from assistant.store.customers import Address, Customer, PaymentMethod, normalise_email
from assistant.store.database import Database, DatabaseNotReady
from assistant.store.interests import INTEREST_KINDS, ProductEvent
from assistant.store.orders import ORDER_STATUSES, Order, OrderItem, Payment, Refund, Shipment
from assistant.store.product_search import SearchEntry, reindex, reindex_products, reprice_products
from assistant.store.product_vectors import ProductVector, refresh_vectors
from assistant.store.proofs import Proof
from assistant.store.review import (
    OUTCOMES,
    ConversationFacts,
    ConversationMention,
    TurnFacts,
    index_turns,
    matching,
    unindex,
)
from assistant.store.staff import STAFF_ROLES, AuditEntry, SignInAttempt, StaffSession, StaffUser
from assistant.store.studio import INBOX_SOURCES, INBOX_STATES, ExampleChange, InboxItem

__all__ = [
    "INBOX_SOURCES",
    "INBOX_STATES",
    "INTEREST_KINDS",
    "ORDER_STATUSES",
    "OUTCOMES",
    "STAFF_ROLES",
    "Address",
    "Annotation",
    "AuditEntry",
    "Base",
    "Cart",
    "CartItem",
    "Conversation",
    "ConversationFacts",
    "ConversationMention",
    "Customer",
    "Database",
    "DatabaseNotReady",
    "Event",
    "ExampleChange",
    "InboxItem",
    "Order",
    "OrderItem",
    "Payment",
    "PaymentMethod",
    "Product",
    "ProductEvent",
    "ProductVector",
    "Proof",
    "Refund",
    "SearchEntry",
    "Shipment",
    "SignInAttempt",
    "StaffSession",
    "StaffUser",
    "TurnFacts",
    "UtcDateTime",
    "Variant",
    "index_turns",
    "matching",
    "normalise_email",
    "now",
    "refresh_vectors",
    "reindex",
    "reindex_products",
    "reprice_products",
    "unindex",
]
