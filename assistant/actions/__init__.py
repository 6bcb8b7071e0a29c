"""What the assistant can do: rasa-sdk actions over the shop's database.

`register` gives them all to an executor in process; `python -m rasa_sdk --actions assistant.actions` serves them alone.
"""

from rasa_sdk.executor import ActionExecutor

from assistant.actions.account import ActionAccountHelp, ActionAccountInfo
from assistant.actions.addresses import (
    ActionChangeShippingAddress,
    ActionConfirmDefaultAddress,
    ActionConfirmShippingAddress,
    ActionUpdateAddress,
)
from assistant.actions.after_sales import (
    ActionFindRefunds,
    ActionGetInvoice,
    ActionRefundStatus,
    ActionReportProblem,
)
from assistant.actions.base import Shop, ShopAction, open_shop
from assistant.actions.cancelling import (
    ActionCancelOrders,
    ActionChooseCancelReason,
    ActionConfirmCancellation,
)
from assistant.actions.cart import (
    ActionAddToCart,
    ActionChooseCartLines,
    ActionChooseProducts,
    ActionRemoveFromCart,
    ActionViewCart,
)
from assistant.actions.cart_options import ActionChooseOptions
from assistant.actions.checkout import (
    ActionCheckCart,
    ActionCheckout,
    ActionChooseCheckoutMethod,
    ActionConfirmCheckout,
)
from assistant.actions.choosing import ActionChooseItems, ActionChooseItemsToReturn, ActionNoteWishes
from assistant.actions.choosing_payment import ActionChoosePayment, ActionChooseRefundMethod
from assistant.actions.choosing_variants import ActionChooseVariants
from assistant.actions.comparing import ActionCompareProducts
from assistant.actions.exchanging import ActionCheckExchange, ActionConfirmExchange, ActionExchangeItems
from assistant.actions.finding import ActionFindOrderToChange, ActionFindOrderToExchange, ActionFindOrderToReturn
from assistant.actions.finding_similar import ActionFindSimilar
from assistant.actions.handoff import ActionHandOver
from assistant.actions.identity import ActionIdentify
from assistant.actions.order_questions import ActionFindOrdersAsked, ActionNoteOrders, ActionOrderDetails
from assistant.actions.orders import (
    ActionFindOrder,
    ActionListOrders,
    ActionNoteOrder,
    ActionOrderStatus,
)
from assistant.actions.paying import (
    ActionChangePaymentMethod,
    ActionChoosePaymentMethod,
    ActionConfirmPaymentMethod,
)
from assistant.actions.pending import (
    ActionCheckAddressChange,
    ActionCheckCancellation,
    ActionCheckPaymentChange,
    ActionFindPendingOrders,
)
from assistant.actions.policy import ActionAnswerPolicy
from assistant.actions.products import (
    ActionCheckStock,
    ActionProductDetails,
    ActionSearchProducts,
    ActionShowMore,
)
from assistant.actions.reading_address import ActionReadAddress
from assistant.actions.recommending import ActionRecommend
from assistant.actions.refining import ActionRefineSearch
from assistant.actions.returning import ActionCheckReturn, ActionConfirmReturn, ActionReturnItems
from assistant.actions.talk import ActionAskBack, ActionRepeat
from assistant.actions.whole_orders import ActionConfirmWholeOrders

ACTIONS: tuple[type[ShopAction], ...] = (
    ActionAccountHelp,
    ActionAccountInfo,
    ActionAddToCart,
    ActionAnswerPolicy,
    ActionAskBack,
    ActionCancelOrders,
    ActionChangePaymentMethod,
    ActionChangeShippingAddress,
    ActionCheckAddressChange,
    ActionCheckCancellation,
    ActionCheckCart,
    ActionCheckExchange,
    ActionCheckPaymentChange,
    ActionCheckReturn,
    ActionCheckStock,
    ActionCheckout,
    ActionChooseCancelReason,
    ActionChooseCartLines,
    ActionChooseCheckoutMethod,
    ActionChooseItems,
    ActionChooseItemsToReturn,
    ActionChooseOptions,
    ActionChoosePayment,
    ActionChoosePaymentMethod,
    ActionChooseProducts,
    ActionChooseRefundMethod,
    ActionChooseVariants,
    ActionCompareProducts,
    ActionConfirmCancellation,
    ActionConfirmCheckout,
    ActionConfirmDefaultAddress,
    ActionConfirmExchange,
    ActionConfirmPaymentMethod,
    ActionConfirmReturn,
    ActionConfirmShippingAddress,
    ActionConfirmWholeOrders,
    ActionExchangeItems,
    ActionFindOrder,
    ActionFindOrderToChange,
    ActionFindOrderToExchange,
    ActionFindOrderToReturn,
    ActionFindOrdersAsked,
    ActionFindPendingOrders,
    ActionFindRefunds,
    ActionFindSimilar,
    ActionGetInvoice,
    ActionHandOver,
    ActionIdentify,
    ActionListOrders,
    ActionNoteOrder,
    ActionNoteOrders,
    ActionNoteWishes,
    ActionOrderDetails,
    ActionOrderStatus,
    ActionProductDetails,
    ActionReadAddress,
    ActionRecommend,
    ActionRefineSearch,
    ActionRefundStatus,
    ActionRemoveFromCart,
    ActionRepeat,
    ActionReportProblem,
    ActionReturnItems,
    ActionSearchProducts,
    ActionShowMore,
    ActionUpdateAddress,
    ActionViewCart,
)

__all__ = ["ACTIONS", "Shop", "ShopAction", "open_shop", "register", *(action.__name__ for action in ACTIONS)]


def register(executor: ActionExecutor, shop: Shop) -> None:
    """Give the executor every action, working on this shop."""
    for action in ACTIONS:
        executor.register_action(action(shop))
